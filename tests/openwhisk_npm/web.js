// What the package makes with `annotations`, asked as a browser would.

'use strict'

const { GONE, assert, client, host, key, python, test } = require('./common')

const ask = (rest, options) => fetch(`${host}/api/v1/web/guest/default/${rest}`, options)
const SHOW = 'def main(args):\n    return {"body": args}\n'

test('web actions', async () => {
  await client.actions.create({ name: 'show', ...python(SHOW), annotations: { 'web-export': true } })
  let answer = await ask('show?a=1')
  assert.equal(answer.status, 200)
  assert.equal(answer.headers.get('content-type').split(';')[0], 'application/json')
  assert.equal(answer.headers.get('access-control-allow-origin'), '*')
  assert.equal((await answer.json()).a, '1')

  answer = await ask('show/a/path', { method: 'POST', body: JSON.stringify({ b: [2] }), headers: { 'content-type': 'application/json' } })
  let args = await answer.json()
  assert.deepEqual([args.b, args.__ow_method, args.__ow_path], [[2], 'post', '/a/path'])
  answer = await ask('show', { method: 'POST', body: new URLSearchParams({ c: 'x y' }) })
  assert.equal((await answer.json()).c, 'x y')
  answer = await ask('show', { headers: { authorization: `Basic ${Buffer.from(key).toString('base64')}` } })
  args = await answer.json()
  assert.equal(args.__ow_user, 'guest')

  answer = await ask('show', { method: 'OPTIONS' })
  assert.equal(answer.status, 200)
  assert.ok(answer.headers.get('access-control-allow-methods').includes('PATCH'))
})

test('pages, redirections and failures', async () => {
  const annotations = { 'web-export': true }
  const create = (name, result) => client.actions.create({ name, ...python(`def main(args):\n    return ${result}\n`), annotations })
  await create('page', '{"body": "<p>hi</p>", "headers": {"x-a": "b"}}')
  let answer = await ask('page.http')
  assert.deepEqual([await answer.text(), answer.headers.get('x-a')], ['<p>hi</p>', 'b'])
  assert.equal(answer.headers.get('content-type').split(';')[0], 'text/html')
  await create('moved', '{"statusCode": 302, "headers": {"location": "/elsewhere"}}')
  answer = await ask('moved', { redirect: 'manual' })
  assert.deepEqual([answer.status, answer.headers.get('location')], [302, '/elsewhere'])
  await create('denies', '{"error": {"statusCode": 403, "body": "no"}}')
  answer = await ask('denies')
  assert.deepEqual([answer.status, await answer.text()], [403, 'no'])
  await create('breaks', '1 / 0')
  answer = await ask('breaks.json')
  assert.equal(answer.status, 400, 'an error that is a text is no JSON document')
  answer = await ask('nope')
  assert.deepEqual([answer.status, (await answer.json()).error], [404, GONE])
})

test('secrets', async () => {
  await client.actions.create({ name: 'secret', ...python(SHOW), annotations: { 'web-export': true, 'require-whisk-auth': 'sesame' } })
  assert.equal((await ask('secret')).status, 401)
  assert.equal((await ask('secret', { headers: { 'X-Require-Whisk-Auth': 'sesame' } })).status, 200)
})
