export { type Fleet, type FleetNode, type NodeName, type NodeView, nodeNames, startFleet, steering } from './fleet.js';
export type { PrometheusServer } from './prometheusServer.js';
export type { Logged, ServiceProcess } from './serviceProcess.js';
