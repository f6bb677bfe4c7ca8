// client.namespaces: list, get. client.routes, which need a gateway that is not there.

'use strict'

const { GONE, HELLO, assert, client, names, python, refused, test } = require('./common')

test('namespaces', async () => {
  assert.deepEqual(await client.namespaces.list(), ['guest'])
  assert.deepEqual(await client.namespaces.get(), { actions: [], packages: [], triggers: [], rules: [] })
  await client.actions.create({ name: 'hello', ...python(HELLO) })
  await client.packages.create('tools')
  await client.triggers.create({ name: 'morning' })
  await client.rules.create({ name: 'greet', action: 'hello', trigger: 'morning' })
  const all = await client.namespaces.get()
  assert.deepEqual(names(all.actions), ['guest/hello'])
  assert.deepEqual(names(all.packages), ['guest/tools'])
  assert.deepEqual(names(all.triggers), ['guest/morning'])
  assert.deepEqual(names(all.rules), ['guest/greet'])
})

// They are web actions of a namespace that only deployments with a gateway have.
test('routes', async () => {
  await refused(() => client.routes.list(), 404, GONE)
  await refused(() => client.routes.get({ name: '/hello' }), 404, GONE)
  await refused(() => client.routes.create({ relpath: '/hello', operation: 'GET', action: 'hello' }), 404, GONE)
  await refused(() => client.routes.delete({ name: '/hello' }), 404, GONE)
})
