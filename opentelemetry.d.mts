import opentelemetry = require('./opentelemetry.js');

export import ContextManager = opentelemetry.ContextManager;
export type ContextManagementToken = opentelemetry.ContextManagementToken;
export default opentelemetry;
