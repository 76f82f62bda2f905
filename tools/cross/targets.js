'use strict';

/** The platforms that have a prebuilt binary, and how the compiler builds for each. */

/** The oldest glibc that Node.js 20 runs on. */
const GLIBC = '2.28';

/** The oldest macOS that Node.js 20 runs on. */
const MACOS = '11.0';

const CPUS = { x64: 'x86_64', arm64: 'aarch64' };

const SYSTEMS = [
  { system: 'linux', libc: 'glibc', triple: `linux-gnu.${GLIBC}` },
  { system: 'linux', libc: 'musl', triple: 'linux-musl' },
  {
    system: 'darwin',
    triple: `macos.${MACOS}`,
    // Without a path of this machine.
    flags: ['-Wl,-undefined,dynamic_lookup', '-Wl,-install_name,@rpath/context.node'],
  },
  { system: 'win32', triple: 'windows-gnu', flags: ['-DNOMINMAX', '-DUSING_UV_SHARED', '-D_WIN32_WINNT=0x0A00'] },
];

/** By name, such as `linux-x64-glibc`: `file` is the path from `prebuilds/`. */
const TARGETS = SYSTEMS.flatMap(({ system, libc, triple, flags = [] }) =>
  Object.entries(CPUS).map(([arch, cpu]) => ({
    name: [system, arch, libc].filter(Boolean).join('-'),
    system,
    arch,
    libc,
    triple: `${cpu}-${triple}`,
    flags,
    file: `${system}-${arch}/${['context', libc, 'node'].filter(Boolean).join('.')}`,
  })),
);

module.exports = { GLIBC, MACOS, TARGETS };
