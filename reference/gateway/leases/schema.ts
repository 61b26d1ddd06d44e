/**
 * What the store consists of, and what is asked of it. A gateway is a member while its lease runs; its places count as long. All reckoning of
 * time is the store's own.
 */

/** Part of every name: another version has tables of its own. */
const schema = 'orochi_leases_1'
/** Whoever sets up does so alone. */
const setUpLock = 1_330_793_301
const tenantLock = 1_330_793_302

/** As one statement list; makes what is not there. */
export const setUp = `
begin;
select pg_advisory_xact_lock(${setUpLock});
create schema if not exists ${schema};
create table if not exists ${schema}.members (
  member uuid primary key,
  name text not null,
  expires_at timestamptz not null
);
create table if not exists ${schema}.places (
  tenant text not null,
  member uuid not null references ${schema}.members on delete cascade,
  taken integer not null check (taken > 0),
  primary key (tenant, member)
);
create index if not exists places_by_member on ${schema}.places (member);
create or replace function ${schema}.settle(self uuid, tenants text[], held integer[], wanted integer[], limits integer[])
  returns integer[] language plpgsql set search_path = pg_catalog as $settle$
declare
  given integer[];
begin
  -- In one order everywhere, so that nobody waits in a circle.
  perform pg_advisory_xact_lock(${tenantLock}, h) from (select distinct hashtext(t) as h from unnest(tenants) t order by 1) sorted;
  if not exists (select from ${schema}.members m where m.member = self and m.expires_at > clock_timestamp()) then
    return null;
  end if;
  with asked as (
    select * from unnest(tenants, held, wanted, limits) with ordinality as a (tenant, held, wanted, places, n)
  ), granted as (
    select a.n, a.tenant, a.held,
      greatest(0, least(a.wanted, a.places - a.held - (
        select coalesce(sum(p.taken), 0)::integer
        from ${schema}.places p join ${schema}.members m on m.member = p.member
        where p.tenant = a.tenant and p.member <> self and m.expires_at > clock_timestamp()
      ))) as more
    from asked a
  ), written as (
    insert into ${schema}.places as p (tenant, member, taken)
    select g.tenant, self, g.held + g.more from granted g where g.held + g.more > 0
    on conflict (tenant, member) do update set taken = excluded.taken where p.taken <> excluded.taken
  ), cleared as (
    delete from ${schema}.places p using granted g where p.member = self and p.tenant = g.tenant and g.held + g.more = 0
  )
  select array_agg(g.more order by g.n) into given from granted g;
  return given;
end
$settle$;
commit;
`

/** Whether all of it is there: setting up needs rights that a gateway may not have. */
export const isSetUp = `select to_regprocedure('${schema}.settle(uuid, text[], integer[], integer[], integer[])') is not null as there`

/** Takes the place of the member it was before, with all it holds; one statement, so that nobody sees it half done. */
export const enlist = `
with gone as (delete from ${schema}.members where member = $1::uuid),
come as (
  insert into ${schema}.members (member, name, expires_at)
  values ($2::uuid, $3, clock_timestamp() + make_interval(secs => $4)) returning member
)
insert into ${schema}.places (tenant, member, taken)
select t.tenant, come.member, t.taken from come, unnest($5::text[], $6::integer[]) as t (tenant, taken)`

/** No row: the lease has run out. */
export const renew = `
update ${schema}.members set expires_at = clock_timestamp() + make_interval(secs => $2)
where member = $1::uuid and expires_at > clock_timestamp()`

/** Those of whom nothing was heard; somebody else may be at it. */
export const bury = `
delete from ${schema}.members where member in (
  select member from ${schema}.members where expires_at < clock_timestamp() limit 100 for update skip locked
)`

export const settle = `select ${schema}.settle($1::uuid, $2::text[], $3::integer[], $4::integer[], $5::integer[]) as given`

export const resign = `delete from ${schema}.members where member = $1::uuid`
