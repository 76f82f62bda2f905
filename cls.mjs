import cls from './cls.js';

export const { ERROR_SYMBOL, createNamespace, destroyNamespace, getNamespace, reset } = cls;
export default cls;
