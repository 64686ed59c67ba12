/** What a slug may be, without the weight of a schema: a page's script checks it too. */
export const SLUG = /^[\w.-]{1,160}$/;
