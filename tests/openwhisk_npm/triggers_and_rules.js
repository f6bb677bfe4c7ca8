// client.triggers: list, get, create, update, invoke, delete. client.rules: the same but invoke, and enable, disable.

'use strict'

const { GONE, HELLO, activation, assert, client, failed, names, python, refused, test, valueOf } = require('./common')

test('triggers: create, get, update, list, fire and delete', async () => {
  const trigger = { parameters: [{ key: 'hour', value: 6 }] }
  const created = await client.triggers.create({ name: 'morning', trigger, annotations: { why: 'sun' } })
  assert.deepEqual([created.namespace, created.version, created.parameters], ['guest', '0.0.1', trigger.parameters])
  assert.equal(valueOf(created.annotations, 'why'), 'sun')
  await refused(() => client.triggers.create({ name: 'morning' }), 409, 'resource already exists')
  const updated = await client.triggers.update({ name: 'morning', trigger: { parameters: [] } })
  assert.deepEqual([updated.version, updated.parameters, updated.annotations], ['0.0.2', [], created.annotations])
  assert.equal((await client.triggers.get('/guest/morning')).version, '0.0.2')
  await client.triggers.create({ name: 'evening' })
  assert.deepEqual(names(await client.triggers.list()), ['guest/evening', 'guest/morning'])
  assert.equal((await client.triggers.list({ limit: 1, skip: 1 })).length, 1)
  assert.deepEqual(await client.triggers.list({ count: true }), { triggers: 2 })
  const fired = await client.triggers.invoke('morning')
  assert.equal(fired.activationId, undefined, 'no rule, no activation')
  await client.triggers.delete(['morning', 'evening'])
  for (const call of ['get', 'delete', 'invoke']) {
    await refused(() => client.triggers[call]('morning'), 404, GONE)
  }
})

test('rules: create, get, update, list, enable, disable and delete', async () => {
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  await client.actions.create({ name: 'other', ...python(HELLO) })
  await client.triggers.create({ name: 'morning', trigger: { parameters: [{ key: 'name', value: 'Bo' }] } })
  const created = await client.rules.create({ name: 'greet', action: 'hello', trigger: 'morning', annotations: { a: 1 } })
  assert.deepEqual(created.action, { path: 'guest', name: 'hello' })
  assert.deepEqual(created.trigger, { path: 'guest', name: 'morning' })
  assert.equal(created.status, 'active')
  await refused(() => client.rules.create({ name: 'greet', action: 'hello', trigger: 'morning' }), 409, 'resource already exists')

  const fired = await client.triggers.invoke({ name: 'morning', params: { name: 'Ada' } })
  const record = await activation(fired.activationId)
  assert.deepEqual([record.name, record.response.result, record.end], ['morning', { name: 'Ada' }, undefined])
  const [outcome] = record.logs.map(line => JSON.parse(line))
  assert.deepEqual([outcome.rule, outcome.action, outcome.statusCode, outcome.success], ['guest/greet', 'guest/hello', 0, true])
  assert.deepEqual((await activation(outcome.activationId)).response.result, { hello: 'Ada' })

  await client.rules.disable({ name: 'greet' })
  assert.equal((await client.rules.get('greet')).status, 'inactive')
  assert.equal((await client.triggers.invoke({ name: 'morning' })).activationId, undefined)
  const updated = await client.rules.update({ name: 'greet', action: '/_/other', trigger: '/guest/morning' })
  assert.deepEqual([updated.version, updated.action.name, updated.status], ['0.0.2', 'other', 'inactive'])
  await client.rules.enable({ name: 'greet' })
  assert.equal((await client.rules.get({ ruleName: 'greet' })).status, 'active')
  assert.deepEqual((await client.triggers.get('morning')).rules, { 'guest/greet': { action: updated.action, status: 'active' } })
  assert.deepEqual(names(await client.rules.list()), ['guest/greet'])
  assert.deepEqual(await client.rules.list({ count: true }), { rules: 1 })
  assert.deepEqual(await client.rules.list({ skip: 1, limit: 10 }), [])
  assert.throws(() => client.rules.invoke('greet'), /not supported/)

  assert.equal((await client.rules.delete('greet')).status, 'inactive')
  await refused(() => client.rules.get('greet'), 404, GONE)
  await refused(() => client.rules.enable({ name: 'greet' }), 404, GONE)
})

test('rules that cannot be', async () => {
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  await client.triggers.create({ name: 'morning' })
  const create = (trigger, action) => client.rules.create({ name: 'greet', trigger, action })
  await refused(() => create('nope', 'hello'), 400, 'trigger /guest/nope does not exist')
  await refused(() => create('morning', 'nope'), 400, 'action /guest/nope does not exist')
  const elsewhere = await failed(() => create('/somebody/morning', 'hello'), 403)
  assert.equal(elsewhere.error.error, "The supplied authentication is not authorized to access 'somebody/morning'.")
})
