import context from './index.js';

export const { createNamespace, destroyNamespace, engine, getNamespace, stats } = context;
export default context;
