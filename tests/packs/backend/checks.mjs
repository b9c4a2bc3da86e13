// What the samples promise, asked of their compiled selves; run by test_database.py, beside `built`.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { actorOfCookie, checkOrigin, startBrowserSession } from './built/src/browser-sessions.js';
import { breaker } from './built/src/breaker.js';
import { bulkhead, mapBounded } from './built/src/bulkhead.js';
import { cached } from './built/src/cache.js';
import { deprecate } from './built/src/deprecation.js';
import { PassingError } from './built/src/errors.js';
import { exportOrders } from './built/src/export.js';
import { retryAfterMs } from './built/src/http-client.js';
import { newId } from './built/src/id.js';
import { once } from './built/src/idempotency.js';
import { enqueue, startWorker } from './built/src/jobs.js';
import { usersById } from './built/src/loaders.js';
import { createLogger } from './built/src/logger.js';
import { listOrders } from './built/src/order-list.js';
import { createOrder } from './built/src/orders.js';
import { page, PageQuery, startOf } from './built/src/pagination.js';
import { checkPassword } from './built/src/passwords.js';
import { createPool } from './built/src/pool.js';
import { limit } from './built/src/rate-limit.js';
import { retry } from './built/src/retry.js';
import { isPublic, postOutside } from './built/src/safe-fetch.js';
import { transaction } from './built/src/transaction.js';
import { createApp } from './built/src/validation.js';
import { isGenuine, signedHeaders } from './built/src/webhooks.js';

const pool = createPool(process.env['DATABASE_URL'], 8, (error) => { throw error; });
const [tenantId, userId] = [newId(), newId()];

before(async () => {
  await pool.query(`INSERT INTO tenants (id, name) VALUES ($1, 'one')`, [tenantId]);
  await pool.query(
    `INSERT INTO users (id, tenant_id, email, role, password_hash) VALUES ($1, $2, 'a@shop.example', 'clerk', $3)`,
    // argon2id of "an old password", cheaper than what is asked for now
    [userId, tenantId, await (await import('@node-rs/argon2')).hash('an old password', { memoryCost: 8_192 })],
  );
  await pool.query(`INSERT INTO products VALUES ($1, 'A', 100, 'EUR', 50), ($1, 'B', 100, 'EUR', 50)`, [tenantId]);
});
after(() => pool.end());

test('ids are UUIDs of version 7 and sort by age', async () => {
  const first = newId();
  await sleep(3);
  const second = newId();
  assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(first < second);
});

test('only what may pass is tried again, and a deadline ends it', async () => {
  let calls = 0;
  const passing = async () => { calls += 1; throw new PassingError('gone', 0); };
  await assert.rejects(retry(passing, { attempts: 3, baseMs: 1, signal: AbortSignal.timeout(5_000) }), PassingError);
  assert.equal(calls, 3);
  const lasting = async () => { calls += 1; throw new Error('ours'); };
  await assert.rejects(retry(lasting, { signal: AbortSignal.timeout(5_000) }), /ours/);
  assert.equal(calls, 4);
  const busy = retry(async () => { throw new PassingError('busy', 60_000); }, { signal: AbortSignal.timeout(20) });
  await assert.rejects(busy, { name: 'PassingError', message: 'busy' });
});

test('Retry-After is seconds, a date or nothing', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(retryAfterMs('7', now), 7_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2026 00:00:09 GMT', now), 9_000);
  assert.equal(retryAfterMs('Thu, 01 Jan 2025 00:00:09 GMT', now), 0);
  assert.equal(retryAfterMs('soon', now), 0);
  assert.equal(retryAfterMs(null, now), 0);
});

test('a breaker stops asking, and lets one try later', async () => {
  let calls = 0;
  let well = false;
  const guarded = breaker('bank', async () => { calls += 1; if (!well) throw new PassingError('down'); return 'ok'; },
    { threshold: 2, coolMs: 300 });
  for (let n = 0; n < 5; n++) await assert.rejects(guarded());
  assert.equal(calls, 2);
  well = true;
  await sleep(350);
  assert.equal(await guarded(), 'ok');
  assert.equal(await guarded(), 'ok');
});

test('a bulkhead lets a few in, a few wait, and refuses the rest', async () => {
  const inside = bulkhead('bank', 2, 1);
  let running = 0;
  let most = 0;
  const work = async () => { most = Math.max(most, ++running); await sleep(5); running -= 1; };
  const results = await Promise.allSettled([1, 2, 3, 4].map(() => inside(work)));
  assert.deepEqual(results.map(({ status }) => status), ['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  assert.equal(most, 2);
  await inside(work);
});

test('a bounded map keeps the order, and begins nothing after a failure', async () => {
  assert.deepEqual(await mapBounded([3, 1, 2], 2, async (n) => (await sleep(n), n * 2)), [6, 2, 4]);
  const begun = [];
  await assert.rejects(mapBounded([1, 2, 3, 4, 5], 2, async (n) => {
    begun.push(n);
    await sleep(n);
    if (n === 1) throw new Error('no');
  }), /no/);
  await sleep(20);
  assert.ok(begun.length <= 3);
});

const mapStore = () => {
  const entries = new Map();
  return {
    entries,
    get: async (key) => entries.get(key) ?? null,
    set: async (key, value, _ttl, onlyNew) => !(onlyNew && entries.has(key)) && Boolean(entries.set(key, value)),
    delete: async (key) => void entries.delete(key),
  };
};

test('a cache loads once, serves the old while it refreshes, and is no failure when it is gone', async () => {
  let loads = 0;
  const load = async () => { await sleep(5); return ++loads; };
  const store = mapStore();
  const cache = cached(store, { freshMs: 20, staleMs: 1_000, load, onError: assert.fail });
  assert.deepEqual(await Promise.all([cache.read('k'), cache.read('k'), cache.read('k')]), [1, 1, 1]);
  await sleep(30);
  assert.deepEqual(await Promise.all([cache.read('k'), cache.read('k')]), [1, 1]);
  await sleep(20);
  assert.equal(loads, 2);
  await cache.invalidate('k');
  assert.equal(await cache.read('k'), 3);

  const errors = [];
  const dead = { get: async () => { throw new Error('down'); }, set: async () => { throw new Error('down'); } };
  const onError = (error) => errors.push(error);
  const without = cached(dead, { freshMs: 20, staleMs: 20, load: async () => 'loaded', onError });
  assert.equal(await without.read('k'), 'loaded');
  assert.equal(errors.length, 2);
});

test('addresses that are not public are refused, however they are written', () => {
  for (const address of ['127.0.0.1', '10.1.2.3', '169.254.169.254', '100.64.0.1', '192.168.0.1', '0.0.0.0',
    '::1', '::', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '64:ff9b::a00:1', '2002:a00:1::', '2001:db8::1', 'ff02::1',
    'localhost', '']) {
    assert.equal(isPublic(address), false, address);
  }
  for (const address of ['8.8.8.8', '1.1.1.1', '2606:4700:4700::1111']) assert.equal(isPublic(address), true, address);
});

test('a URL from outside reaches neither a literal nor a name of the inside', async () => {
  for (const url of ['http://example.com/', 'https://127.0.0.1/', 'https://[::1]/', 'https://2130706433/',
    'https://example.com:8443/', 'https://user@example.com/']) {
    await assert.rejects(async () => postOutside(new URL(url), {}, ''), Error, url);
  }
  await assert.rejects(postOutside(new URL('https://localhost/'), {}, ''), /not a public address/);
});

test('a webhook is genuine once, unchanged, by a known secret', () => {
  const secret = Buffer.from('secret');
  const headers = signedHeaders(secret, 'msg_1', '{"a":1}');
  assert.ok(isGenuine([Buffer.from('older'), secret], headers, '{"a":1}'));
  assert.ok(!isGenuine([secret], headers, '{"a":2}'));
  assert.ok(!isGenuine([Buffer.from('other')], headers, '{"a":1}'));
  assert.ok(!isGenuine([secret], { ...headers, 'webhook-timestamp': '1' }, '{"a":1}'));
  assert.ok(!isGenuine([secret], {}, '{"a":1}'));
});

test('a request of another site changes nothing', () => {
  const request = (method, headers) => ({ method, headers });
  const own = 'https://shop.example';
  for (const headers of [{ origin: own }, { 'sec-fetch-site': 'same-origin' }, {}]) {
    checkOrigin(request('POST', headers), own);
  }
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' }]) {
    assert.throws(() => checkOrigin(request('POST', headers), own), /another site/);
  }
  checkOrigin(request('GET', { origin: 'https://evil.example' }), own);
});

test('a browser session is found by its cookie, and a new one ends the old', async () => {
  const start = (headers) => transaction(pool, (tx) => startBrowserSession(tx, { headers }, userId));
  const cookieOf = (header) => ({ cookie: `theme=dark; ${header.split(';')[0]}` });
  const first = await start({});
  assert.match(first, /^__Host-session=[\w-]{43}; Max-Age=\d+; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  assert.equal((await actorOfCookie(pool, { headers: cookieOf(first) })).userId, userId);
  const second = await start(cookieOf(first));
  assert.equal(await actorOfCookie(pool, { headers: cookieOf(first) }), null);
  assert.equal((await actorOfCookie(pool, { headers: cookieOf(second) })).tenantId, tenantId);
  assert.equal(await actorOfCookie(pool, { headers: {} }), null);
});

test('a password with old parameters is hashed anew by a login', async () => {
  const stored = async () => (await pool.query('SELECT password_hash FROM users WHERE id = $1', [userId])).rows[0];
  assert.equal(await checkPassword(pool, 'a@shop.example', 'a wrong password'), null);
  assert.match((await stored()).password_hash, /^\$argon2id\$v=19\$m=8192,/);
  assert.equal((await checkPassword(pool, 'A@shop.example', 'an old password')).id, userId);
  assert.match((await stored()).password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('a conflict is retried from the start, any other failure is not', async () => {
  let runs = 0;
  await pool.query('CREATE TABLE counters (id int PRIMARY KEY, n int); INSERT INTO counters VALUES (1, 0)');
  const add = () => transaction(pool, async (tx) => {
    runs += 1;
    const { rows } = await tx.query('SELECT n FROM counters WHERE id = 1');
    await sleep(100); // long enough for all three to have begun
    await tx.query('UPDATE counters SET n = $1 WHERE id = 1', [rows[0].n + 1]);
  }, { isolation: 'SERIALIZABLE', attempts: 20 });
  await Promise.all([add(), add(), add()]);
  assert.equal((await pool.query('SELECT n FROM counters')).rows[0].n, 3);
  assert.ok(runs > 3);
  await assert.rejects(transaction(pool, async (tx) => {
    await tx.query('SELECT 1 / 0').catch(() => undefined);
  }), /rolled back/);
});

test('the same key at once is one order', async () => {
  const claim = { accountId: userId, key: 'k', requestHash: Buffer.from('h') };
  let works = 0;
  const order = () => transaction(pool, (tx) => once(tx, claim, async () => {
    works += 1;
    await sleep(20);
    return { status: 201, headers: {}, body: { n: works } };
  }));
  const answers = await Promise.all([order(), order(), order()]);
  assert.equal(works, 1);
  assert.deepEqual(answers.map(({ body }) => body.n), [1, 1, 1]);
});

test('orders for the same products do not lock each other out, and stock never goes below zero', async () => {
  const lines = (...skus) => skus.map((sku) => ({ sku, quantity: 5 }));
  const order = (...skus) =>
    transaction(pool, (tx) => createOrder(tx, tenantId, userId, 'EUR', lines(...skus)), { attempts: 1 });
  const both = (_, n) => (n % 2 ? order('A', 'B') : order('B', 'A'));
  const results = await Promise.allSettled(Array.from({ length: 14 }, both));
  const refused = results.filter(({ status }) => status === 'rejected');
  assert.equal(refused.length, 4);
  assert.ok(refused.every(({ reason }) => reason.slug === 'insufficient-stock'));
  const { rows } = await pool.query('SELECT available FROM products WHERE tenant_id = $1', [tenantId]);
  assert.deepEqual(rows, [{ available: 0 }, { available: 0 }]);
});

test('an export is a line for each order', async () => {
  let text = '';
  for await (const chunk of exportOrders(pool, { tenantId, ownerId: null })) text += chunk;
  const orders = text.trim().split('\n').map((line) => JSON.parse(line));
  assert.equal(orders.length, 10);
  assert.equal(new Set(orders.map(({ id }) => id)).size, 10);
});

test('a page is read from its index, without a sort, for one owner and for all', async () => {
  await pool.query(
    `INSERT INTO orders (id, tenant_id, owner_id, total_minor, currency, created_at)
     SELECT gen_random_uuid(), $1, $2, n, 'EUR', now() - n * interval '1 s' FROM generate_series(1, 5000) AS n`,
    [tenantId, userId],
  );
  await pool.query('ANALYZE');
  const explain = { query: (text, values) => pool.query(`EXPLAIN ${text}`, values) };
  for (const [ownerId, index] of [[null, 'orders_newest'], [userId, 'orders_newest|orders_owner_newest']]) {
    const rows = await listOrders(explain, { tenantId, ownerId }, startOf(PageQuery.parse({})), 20);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    assert.match(plan, new RegExp(`Index Scan using (${index}) `));
    assert.doesNotMatch(plan, /Sort|Seq Scan/);
  }
});

test('pages follow each other to the microsecond', async () => {
  const scope = { tenantId, ownerId: null };
  await pool.query(`UPDATE orders SET created_at = date_trunc('second', created_at) + random() * interval '9 us'`);
  const seen = new Set();
  let cursor;
  do {
    const query = PageQuery.parse({ limit: '100', cursor });
    const { items, next } = page(await listOrders(pool, scope, startOf(query), query.limit), query.limit);
    for (const { id } of items) seen.add(id);
    cursor = next ?? undefined;
  } while (cursor);
  assert.equal(seen.size, 5_010);
});

test('a loader asks once for all', async () => {
  let queries = 0;
  const counting = { query: (...words) => { queries += 1; return pool.query(...words); } };
  const users = usersById(counting, tenantId);
  const found = await Promise.all([userId, randomUUID(), userId].map((id) => users.load(id)));
  assert.deepEqual(found.map((user) => user?.id ?? null), [userId, null, userId]);
  assert.equal(queries, 1);
});

test('a quota is a burst and then a rate, and says what holds when it cannot be asked', async () => {
  const quota = { burst: 3, everyMs: 1_000 };
  const outcomes = [];
  for (let n = 0; n < 5; n++) outcomes.push(await limit(pool, 'k', quota).then(() => 200, ({ status }) => status));
  assert.deepEqual(outcomes, [200, 200, 200, 429, 429]);
  await sleep(1_100);
  await limit(pool, 'k', quota);
  const down = { query: async () => { throw new Error('down'); } };
  await limit(down, 'k', { ...quota, onDown: 'open' });
  await assert.rejects(limit(down, 'k', quota), /down/);
});

test('two workers share the jobs, what fails is retried and then dead, and a stop waits', async () => {
  const seen = [];
  const errors = [];
  const handlers = {
    good: async ({ payload }) => { await sleep(5); seen.push(payload.n); },
    bad: async () => { throw new Error('poison'); },
    deadly: async () => assert.fail('once more'),
  };
  const onError = (error) => errors.push(error.message);
  const options = { handlers, onError, pollMs: 10, maxAttempts: 1, concurrency: 3 };
  await transaction(pool, async (tx) => {
    for (let n = 0; n < 20; n++) await enqueue(tx, 'good', { n }, null);
    await enqueue(tx, 'bad', {}, 'bad:1');
    await enqueue(tx, 'bad', {}, 'bad:1');
    await enqueue(tx, 'unknown', {}, null);
    await tx.query(`INSERT INTO jobs (kind, payload, attempts) VALUES ('deadly', '{}', 1)`); // its worker was killed
  });
  const workers = [startWorker(pool, options), startWorker(pool, options)];
  while (seen.length < 20 || errors.length < 2) await sleep(10);
  await Promise.all(workers.map((worker) => worker.close()));
  assert.deepEqual(seen.sort((a, b) => a - b), Array.from({ length: 20 }, (_, n) => n));
  assert.deepEqual(errors.sort(), ['no attempt came to an end', 'poison']);
  const { rows } = await pool.query('SELECT kind, dead_at IS NOT NULL AS dead, last_error FROM jobs ORDER BY kind');
  assert.deepEqual(rows, [
    { kind: 'bad', dead: true, last_error: 'poison' },
    { kind: 'deadly', dead: true, last_error: null },
    { kind: 'unknown', dead: false, last_error: null },
  ]);
});

test('a deprecated route says since when and until when', async () => {
  const app = createApp(createLogger('silent'), []);
  app.register(async (old) => {
    deprecate(old, { since: new Date('2026-01-01'), until: new Date('2026-07-01'), guide: 'https://shop.example/v2' });
    old.get('/old', async () => ({}));
  });
  const { headers } = await app.inject('/old');
  assert.equal(headers['deprecation'], '@1767225600');
  assert.equal(headers['sunset'], 'Wed, 01 Jul 2026 00:00:00 GMT');
  assert.match(headers['link'], /rel="deprecation"/);
});
