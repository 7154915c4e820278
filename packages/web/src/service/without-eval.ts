import { config } from 'zod/v4/core';

// zod tries whether it may compile schemas with `new Function`. Our Content-Security-Policy says no, and would report the attempt.
config({ jitless: true });
