-- Who begins late is told beside those that are compared: one that has ended is not among them.

create or replace function market.class_members(
  wanted_source market.source, wanted_kinds text[], wanted_from timestamptz, wanted_to timestamptz
) returns table (
  instrument_id integer, symbol text, slug text, kind text, first_on date, last_on date, left_out text
)
language sql stable parallel safe
as $$
  select
    m.id, m.symbol, m.slug, m.kind,
    (m.first_at at time zone 'UTC')::date, (m.last_at at time zone 'UTC')::date,
    case
      when m.first_at is null then 'no_candle'
      when m.has_ended then 'ended'
      when wanted_from is not null and m.first_at > interval '168 hours'
        + min(m.first_at) filter (where not m.has_ended) over () then 'late'
    end
  from (
    select
      e.*, e.last_at < max(e.last_at) over () - interval '168 hours' as has_ended
    from (
      select i.id, i.symbol, i.slug, i.kind, ends.first_at, ends.last_at
      from market.instruments i
      cross join lateral (
        select min(c.opened_at) as first_at, max(c.opened_at) as last_at
        from market.all_candles c
        where c.instrument_id = i.id and c.candle_interval = '1day'
          and c.opened_at >= coalesce(wanted_from, '-infinity')
          and c.opened_at < coalesce(wanted_to, 'infinity')
      ) ends
      where i.source = wanted_source and i.is_active and i.kind = any (wanted_kinds)
    ) e
  ) m
$$;
comment on function market.class_members(market.source, text[], timestamptz, timestamptz) is
  'The active instruments of some kinds, with the dates of their first and last daily candle in '
  '[wanted_from, wanted_to), and why one is better left out when all of them are compared over their '
  'common dates (market.rebased(), market.performance_ranking()), which it would cut short: no_candle; '
  'ended: more than 7 days before the newest of them; late: it begins more than 7 days after the '
  'oldest of those that have not ended, unless wanted_from is null. left_out is null for all others.';
