-- Who may change things through the web, and the rejects that it lists.

create table market.admin_tokens (
  is_the_one boolean not null default true,
  token_digest bytea not null,
  made_at timestamptz not null,
  constraint admin_tokens_pkey primary key (is_the_one),
  constraint admin_tokens_hold_one_row check (is_the_one),
  constraint admin_tokens_digest_is_sha256 check (length(token_digest) = 32)
);
comment on table market.admin_tokens is
  'One row at most: the token made at the first start, which every change through the web needs. '
  'The setting ADMIN_TOKEN stands in for it.';
comment on column market.admin_tokens.is_the_one is 'Always true, so that there is no second row.';
comment on column market.admin_tokens.token_digest is
  'SHA-256 of the token, which is random and 32 bytes long; the token itself is kept nowhere.';
comment on column market.admin_tokens.made_at is 'When it was made and printed.';

-- The page of rejects reads those of one instrument, newest first.
create index rejects_by_instrument on market.rejects (instrument_id, id);
