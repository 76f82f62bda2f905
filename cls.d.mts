import cls = require('./cls.js');

export import ERROR_SYMBOL = cls.ERROR_SYMBOL;
export import createNamespace = cls.createNamespace;
export import destroyNamespace = cls.destroyNamespace;
export import getNamespace = cls.getNamespace;
export import reset = cls.reset;
export type Context = cls.Context;
export type Namespace = cls.Namespace;
export default cls;
