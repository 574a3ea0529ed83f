// The rooms of each half, in the order in which they may look at each other: to the left.
module.exports = {
  runnerRooms: ['model', 'project', 'template', 'graph', 'select', 'sql', 'plan', 'execute', 'check'],
  collectorRooms: [
    ...['finality', 'formats', 'record', 'instruments', 'exchange', 'delivery', 'landing', 'broker', 'feed'],
    ...['ccxt', 'worker', 'load', 'upload', 'repair', 'supervise', 'status', 'control', 'collect'],
  ],
}
