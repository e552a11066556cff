// What node-prtg sees of a group, before and after it pauses one sensor. Arguments: url, user, passhash, device, sensor.
const PRTG = require(process.env.WITNESS_NODE + '/node_modules/node-prtg');

const [url, username, passhash, device, sensor] = process.argv.slice(2);
const client = new PRTG({ url, username, passhash });

async function told() {
  const all = await client.getSensors(['objid', 'name', 'tags', 'status']);
  const mine = await client.getDeviceSensors(device);
  const one = await client.getSensor(sensor);
  const name = await client.getObjectProperty(sensor, 'name');
  await client.pauseSensor(sensor, 'the witness');
  const paused = await client.getSensors(['objid', 'status'], { filter_objid: sensor });
  await client.pauseSensorDuration(sensor, 'the witness', 5);
  const later = await client.getSensors(['objid', 'status'], { filter_objid: sensor });
  const tree = await client.getSensorTree();
  return { all: all.length, mine: mine.length, one, name, paused, later, tree: Object.keys(tree) };
}

told().then(
  (found) => console.log(JSON.stringify(found)),
  (error) => { console.error(String(error)); process.exit(1); }
);
