// client.actions: list, get, create, update, invoke, delete.

'use strict'

const { GONE, HELLO, activation, assert, client, failed, key, host, names, openwhisk, python, refused, test, valueOf } = require('./common')

test('create, get, update and delete', async () => {
  const created = await client.actions.create({ name: 'hello', ...python(HELLO), params: { name: 'Bo' }, annotations: { a: 1 } })
  assert.deepEqual([created.namespace, created.name, created.version], ['guest', 'hello', '0.0.1'])
  assert.equal(created.exec.kind, 'python:3')
  assert.deepEqual(created.parameters, [{ key: 'name', value: 'Bo' }])
  assert.deepEqual([valueOf(created.annotations, 'a'), valueOf(created.annotations, 'exec')], [1, 'python:3'])
  await refused(() => client.actions.create({ name: 'hello', ...python(HELLO) }), 409, 'resource already exists')

  assert.equal((await client.actions.get('hello')).exec.code, HELLO)
  assert.equal((await client.actions.get({ name: 'hello', code: false })).exec.code, undefined)
  assert.equal((await client.actions.get('/guest/hello')).name, 'hello')
  assert.equal((await client.actions.get({ name: 'hello', namespace: 'guest' })).name, 'hello')

  const updated = await client.actions.update({ name: 'hello', ...python(HELLO), annotations: { b: 2 }, limits: { timeout: 2000 } })
  assert.equal(updated.version, '0.0.2')
  assert.deepEqual([valueOf(updated.annotations, 'a'), valueOf(updated.annotations, 'b')], [1, 2])
  assert.deepEqual([updated.limits.timeout, updated.limits.memory], [2000, 256])
  assert.deepEqual(updated.parameters, created.parameters, 'what an update does not name stays')
  // Without code, only what is named changes; a version may be said.
  const renamed = await client.actions.update({ name: 'hello', params: { name: 'Cy' }, version: '1.2.3' })
  assert.deepEqual([renamed.version, renamed.exec.code], ['1.2.3', HELLO])
  assert.equal((await client.actions.invoke({ name: 'hello', blocking: true, result: true })).hello, 'Cy')

  const deleted = await client.actions.delete('hello')
  assert.equal(deleted.version, '1.2.3')
  for (const call of ['get', 'delete', 'invoke']) {
    await refused(() => client.actions[call]('hello'), 404, GONE)
  }
})

test('documents of one\'s own, buffers, and several at once', async () => {
  const document = { exec: { kind: 'python:3', code: HELLO, main: 'main' }, publish: true }
  assert.equal((await client.actions.create({ name: 'own', action: document })).publish, true)
  // A buffer is sent in base64, which is what a zip file is.
  const zip = Buffer.from(process.env.OW_ZIP, 'base64')
  const zipped = await client.actions.create({ name: 'zipped', action: zip, kind: 'python:default' })
  assert.equal(zipped.exec.binary, true)
  assert.deepEqual(await client.actions.invoke({ name: 'zipped', params: { name: 'Ada' }, blocking: true, result: true }), { greeting: 'Hello, Ada!' })
  const both = await client.actions.get(['own', { name: 'zipped' }])
  assert.deepEqual(both.map(action => action.name), ['own', 'zipped'])
  const gone = await client.actions.delete(['own', 'zipped'])
  assert.equal(gone.length, 2)
  await failed(() => client.actions.delete(['own', 'zipped']), 404)
})

test('list', async () => {
  assert.deepEqual(await client.actions.list(), [])
  for (const name of ['one', 'two', 'three']) await client.actions.create({ name, ...python(HELLO) })
  assert.deepEqual(names(await client.actions.list()), ['guest/one', 'guest/three', 'guest/two'])
  const all = await client.actions.list({ namespace: 'guest' })
  assert.equal(valueOf(all[0].annotations, 'exec'), 'python:3')
  assert.deepEqual(await client.actions.list({ limit: 1, skip: 1 }), [all[1]])
  assert.deepEqual(await client.actions.list({ count: true }), { actions: 3 })
  const range = "The query parameter 'limit' was malformed:\nThe value '201' is not in the range of 0 to 200 for actions."
  await refused(() => client.actions.list({ limit: 201 }), 400, range)
  const other = "The supplied authentication is not authorized to access 'somebody'."
  await refused(() => client.actions.list({ namespace: 'somebody' }), 403, other)
})

test('invoke', async () => {
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  const begun = await client.actions.invoke({ name: 'hello', params: { name: 'Ada' } })
  assert.deepEqual(Object.keys(begun), ['activationId'])
  assert.deepEqual((await activation(begun.activationId)).response.result, { hello: 'Ada' })
  assert.equal(typeof (await client.actions.invoke('hello')).activationId, 'string', 'no body at all')

  const record = await client.actions.invoke({ name: 'hello', params: { name: 'Bo' }, blocking: true })
  assert.deepEqual([record.response.success, record.response.status, record.response.result], [true, 'success', { hello: 'Bo' }])
  assert.deepEqual([record.name, record.version, record.namespace], ['hello', '0.0.1', 'guest'])
  // The package asks for the record and takes the result out of it.
  assert.deepEqual(await client.actions.invoke({ name: '/guest/hello', blocking: true, result: true }), { hello: 'you' })
  const several = await client.actions.invoke(['hello', { name: 'hello' }])
  assert.equal(several.length, 2)
})

test('what an action fails with', async () => {
  const cases = [
    ["return {'error': 'plain'}", 'application error', 'plain', 'plain'],
    ["return {'error': {'error': 'nested'}}", 'application error', { error: 'nested' }, 'nested'],
    ["return {'error': {'statusCode': 418}}", 'application error', { statusCode: 418 }, 'application error, status code: 418'],
    ["raise ValueError('raised')", 'application error', 'raised', 'raised'],
    ["return 'text'", 'action developer error', 'The action did not return a dictionary or array.', 'The action did not return a dictionary or array.']
  ]
  for (const [code, status, result, message] of cases) {
    await client.actions.update({ name: 'fails', ...python(`def main(args):\n    ${code}\n`) })
    for (const bare of [false, true]) {
      const error = await failed(() => client.actions.invoke({ name: 'fails', blocking: true, result: bare }), 502)
      assert.deepEqual(error.error.response.result, { error: result })
      assert.deepEqual([error.error.response.status, error.error.response.success], [status, false])
      assert.ok(error.message.endsWith(`--> "${message}"`), error.message)
      assert.equal(error.error.activationId.length, 32)
    }
    assert.equal(typeof (await client.actions.invoke({ name: 'fails' })).activationId, 'string', 'who does not wait is told nothing')
  }
})

test('sequences', async () => {
  await client.actions.create({ name: 'add', ...python('def main(args):\n    return {"n": args["n"] + 1}\n') })
  const created = await client.actions.create({ name: 'twice', sequence: ['/_/add', '/guest/add'] })
  assert.deepEqual(created.exec, { kind: 'sequence', components: ['/guest/add', '/guest/add'] })
  assert.deepEqual(await client.actions.invoke({ name: 'twice', params: { n: 1 }, blocking: true, result: true }), { n: 3 })
  const missing = () => client.actions.create({ name: 'never', sequence: ['/_/nope'] })
  await refused(missing, 400, 'Sequence component does not exist.')
  await refused(() => client.actions.update({ name: 'twice', sequence: ['/_/twice'] }), 400, 'Sequence may not refer to itself.')
})

test('what the platform refuses', async () => {
  const unknown = await failed(() => client.actions.create({ name: 'js', action: 'function main() {}' }), 400)
  const runtime = "The specified runtime 'nodejs:default' is not supported by this platform. Valid values are: '"
  assert.ok(unknown.error.error.includes(runtime), 'the kind that the package has for its default')
  await refused(() => client.actions.update({ name: 'none', params: {} }), 400, 'exec undefined')
  const limits = { timeout: 1 }
  const below = 'duration 1 milliseconds below allowed threshold of 100 milliseconds'
  await refused(() => client.actions.create({ name: 'short', ...python(HELLO), limits }), 400, below)
  await refused(() => client.actions.get('-x'), 400, 'The name of the entity contains illegal characters.')
  await refused(() => client.actions.get('nope/hello'), 404, GONE)
  await client.actions.create({ name: 'hello', ...python(HELLO), annotations: { final: true }, params: { name: 'Bo' } })
  const final = 'Request defines parameters that are not allowed (e.g., reserved properties).'
  await refused(() => client.actions.invoke({ name: 'hello', params: { name: 'Cy' }, blocking: true }), 400, final)
})

test('what clients are set up with', async () => {
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  const clients = [
    { api: `${host}/api/v1/`, api_key: key },
    { apihost: host, api_key: key, namespace: 'guest' },
    { apihost: host, api_key: key, retry: { retries: 1 } },
    { apihost: host, auth_handler: { getAuthHeader: async () => `Basic ${Buffer.from(key).toString('base64')}` } }
  ]
  for (const options of clients) {
    assert.deepEqual(names(await openwhisk(options).actions.list()), ['guest/hello'])
  }
  const elsewhere = openwhisk({ apihost: host, api_key: key, namespace: 'somebody' })
  await refused(() => elsewhere.actions.get('hello'), 403, "The supplied authentication is not authorized to access 'somebody/hello'.")
  const wrong = openwhisk({ apihost: host, auth_handler: { getAuthHeader: async () => 'Basic ???' } })
  await failed(() => wrong.actions.list(), 401)
})
