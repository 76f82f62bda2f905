import opentelemetry from './opentelemetry.js';

export const { ContextManager } = opentelemetry;
export default opentelemetry;
