import context from './index.js';

export * from './index.js';
export default context;
