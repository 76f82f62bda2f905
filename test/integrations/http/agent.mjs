import { createNamespace } from 'context';
import { instrument } from 'context/http';

instrument(createNamespace('request'), { header: 'x-request-id' });
