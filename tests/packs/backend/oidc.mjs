// The OpenID Connect sample against a provider on loopback; run by test_samples.py, beside `built`, `key.pem`, `cert.pem`.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { oidcLogin } from './built/src/oidc.js';

const { publicKey, privateKey } = await generateKeyPair('RS256');
const asked = {}; // what the browser brought to the provider
const tls = { key: readFileSync('key.pem'), cert: readFileSync('cert.pem') };
let issuer = '';
let login;

const provider = createServer(tls, async (request, response) => {
  const answer = (body, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (request.url === '/.well-known/openid-configuration') {
    return answer({
      issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/keys`,
      authorization_response_iss_parameter_supported: true,
    });
  }
  if (request.url === '/keys') return answer({ keys: [{ ...(await exportJWK(publicKey)), alg: 'RS256', kid: '1' }] });
  let body = '';
  for await (const chunk of request) body += chunk;
  const verifier = new URLSearchParams(body).get('code_verifier');
  const proven = createHash('sha256').update(verifier).digest('base64url') === asked.challenge;
  if (!proven) return answer({ error: 'invalid_grant' }, 400);
  const token = new SignJWT({ nonce: asked.nonce, email: 'a@shop.example', email_verified: asked.verified })
    .setProtectedHeader({ alg: 'RS256', kid: '1' }).setSubject('17').setIssuer(issuer).setAudience('shop')
    .setIssuedAt().setExpirationTime('5m');
  return answer({ access_token: 'a', token_type: 'bearer', id_token: await token.sign(privateKey) });
});

before(async () => {
  await new Promise((listening) => provider.listen(0, 'localhost', listening));
  issuer = `https://localhost:${provider.address().port}`;
  login = await oidcLogin(new URL(issuer), 'shop', 'secret', 'https://shop.example/callback');
});
after(() => provider.close().closeAllConnections());

async function start(verified = true) {
  const { url, pending } = await login.start();
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256');
  Object.assign(asked, { challenge: url.searchParams.get('code_challenge'), nonce: pending.nonce, verified });
  return pending;
}
const callback = (state, iss = issuer) =>
  new URL(`https://shop.example/callback?${new URLSearchParams({ code: 'c', state, iss })}`);

test('who logs in is known by issuer and subject, and by an address only where it is verified', async () => {
  let pending = await start();
  const known = await login.finish(callback(pending.state), pending);
  assert.deepEqual(known, { issuer, subject: '17', email: 'a@shop.example' });
  pending = await start(false);
  assert.equal((await login.finish(callback(pending.state), pending)).email, null);
});

test('an answer with another state, issuer, nonce or verifier is refused', async () => {
  const pending = await start();
  await assert.rejects(login.finish(callback('other'), pending));
  await assert.rejects(login.finish(callback(pending.state, 'https://evil.example'), pending));
  await assert.rejects(login.finish(callback(pending.state), { ...pending, nonce: 'other' }));
  await assert.rejects(login.finish(callback(pending.state), { ...pending, verifier: 'x'.repeat(43) }));
});
