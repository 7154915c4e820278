import type { Handler, Resource } from '../http/resource.js';
import type { PassOn } from './pass-on.js';
import type { ProofHandlers } from './proofs.js';
import type { SubmitHandler } from './submit.js';

export interface RestHandlers {
  submit: SubmitHandler;
  proofs: ProofHandlers;
  verify: Handler;
  passOn: PassOn;
}

/** The REST API, DESIGN section 7. */
export function restResources({ submit, proofs, verify, passOn }: RestHandlers): Resource[] {
  return [
    { path: '/api/v1/timestamps', methods: { POST: submit.handle } },
    { path: '/api/v1/timestamps/:digest', methods: { GET: proofs.timestamp } },
    { path: '/api/v1/proofs', methods: { POST: proofs.list } },
    { path: '/api/v1/proofs/:digest', methods: { GET: proofs.get } },
    { path: '/api/v1/verify', methods: { POST: verify } },
    { path: '/api/v1/windows', methods: { GET: passOn.windows } },
    { path: '/api/v1/windows/:id', methods: { GET: passOn.window } },
    { path: '/api/v1/anchors/latest', methods: { GET: passOn.latestAnchor } },
    { path: '/api/v1/consistency', methods: { GET: passOn.consistency } },
    { path: '/api/v1/status', methods: { GET: passOn.status } },
  ];
}
