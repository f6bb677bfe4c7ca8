// client.packages: list, get, create, update, delete; and actions in packages and bindings.

'use strict'

const { GONE, HELLO, assert, client, names, python, refused, test, valueOf } = require('./common')

test('create, get, update, list and delete', async () => {
  const created = await client.packages.create({ name: 'tools', package: { parameters: [{ key: 'a', value: 1 }], publish: true } })
  assert.deepEqual([created.namespace, created.version, created.publish, created.binding], ['guest', '0.0.1', true, {}])
  await refused(() => client.packages.create('tools'), 409, 'resource already exists')
  const annotated = await client.packages.update({ name: 'tools', annotations: { why: 'iron' } })
  assert.deepEqual([annotated.version, annotated.publish, annotated.parameters], ['0.0.2', true, created.parameters])
  assert.equal(valueOf(annotated.annotations, 'why'), 'iron')
  assert.equal((await client.packages.update({ name: 'made' })).version, '0.0.1', 'an update makes what is not there')

  const got = await client.packages.get('tools')
  assert.deepEqual([got.actions, got.feeds], [[], []])
  assert.deepEqual(names(await client.packages.list()), ['guest/made', 'guest/tools'])
  const all = await client.packages.list({ public: true })
  assert.deepEqual(all.map(item => item.binding), [false, false])
  assert.deepEqual(await client.packages.list({ limit: 1, skip: 1 }), [all[1]])
  assert.deepEqual(await client.packages.list({ count: true }), { packages: 2 })
  assert.throws(() => client.packages.invoke('tools'), /not supported/)

  assert.equal((await client.packages.delete('made')).name, 'made')
  await refused(() => client.packages.delete('made'), 404, GONE)
})

test('a package that is missing is named', async () => {
  await refused(() => client.packages.get('made'), 404, "The requested resource 'guest/made' does not exist.")
})

test('actions in packages', async () => {
  await client.packages.create('tools')
  await client.actions.create({ name: 'tools/hello', ...python(HELLO) })
  await client.actions.create({ name: '/guest/tools/bell', ...python(HELLO), annotations: { feed: true } })
  assert.equal((await client.actions.get('tools/hello')).namespace, 'guest/tools')
  assert.equal((await client.actions.get('guest/tools/hello')).name, 'hello')
  assert.deepEqual(await client.actions.invoke({ name: 'tools/hello', params: { name: 'Ada' }, blocking: true, result: true }), { hello: 'Ada' })
  const got = await client.packages.get('tools')
  assert.deepEqual([got.actions.map(one => one.name), got.feeds.map(one => one.name)], [['hello'], ['bell']])
  const full = 'Package not empty (contains 2 entities). Set force param or delete package contents.'
  await refused(() => client.packages.delete('tools'), 409, full)
  assert.deepEqual(names(await client.actions.list()), ['guest/tools/bell', 'guest/tools/hello'])
  await client.actions.delete(['tools/hello', '/_/tools/bell'])
  await client.packages.delete('tools')
  await refused(() => client.actions.create({ name: 'tools/hello', ...python(HELLO) }), 404, GONE)
})

test('bindings', async () => {
  await client.packages.create({ name: 'tools', package: { parameters: [{ key: 'name', value: 'package' }, { key: 'kept', value: 1 }] } })
  await client.actions.create({ name: 'tools/show', ...python('def main(args):\n    return args\n') })
  const binding = { namespace: '_', name: 'tools' }
  const bound = await client.packages.create({ name: 'bound', package: { binding, parameters: [{ key: 'name', value: 'binding' }] } })
  assert.deepEqual(bound.binding, { namespace: 'guest', name: 'tools' })
  const invoke = name => client.actions.invoke({ name, params: { own: 1 }, blocking: true, result: true })
  assert.deepEqual(await invoke('tools/show'), { name: 'package', kept: 1, own: 1 })
  assert.deepEqual(await invoke('bound/show'), { name: 'binding', kept: 1, own: 1 })
  const got = await client.packages.get('bound')
  assert.deepEqual([got.name, got.binding, got.actions.map(one => one.name)], ['bound', bound.binding, ['show']])
  const listed = (await client.packages.list()).find(item => item.name === 'bound')
  assert.deepEqual(listed.binding, { namespace: 'guest', name: 'tools' })
  const onto = (name, target) => client.packages.create({ name, package: { binding: { namespace: '_', name: target } } })
  await refused(() => onto('again', 'bound'), 400, 'Cannot bind to another package binding.')
  await refused(() => onto('again', 'nope'), 400, 'Binding references a package that does not exist.')
  await refused(() => client.actions.create({ name: 'bound/own', ...python(HELLO) }), 400, 'Operation not permitted on package binding.')
  await refused(() => client.packages.create('default'), 400, "Package name 'default' is reserved.")
})
