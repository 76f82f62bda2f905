import type { Namespace } from '../../../index.js';

export interface ProfilerOptions {
  /** The time between two samples, in milliseconds, from 0.1 to 1,000. 1 if it is not given. */
  interval?: number;

  /** The keys whose values become labels of each sample, 32 at most. */
  keys: readonly (string | symbol | number)[];

  /** The namespaces, or their names, in which the keys are looked for. All if it is not given. */
  namespaces?: readonly (Namespace<any> | string)[];
}

export interface ContinuousOptions extends ProfilerOptions {
  /** How long each profile lasts, in milliseconds, from 1,000 to a day. 60,000 if it is not given. */
  every?: number;
}

export interface OutputOptions {
  /** Whether the labels are the first calls of each stack, as `route: /search`, so that any viewer groups by them. */
  labelsAtRoot?: boolean;
}

/** Who took how much. */
export interface ProfileRow {
  /** The label; undefined for what ran where it was not set. */
  value: string | undefined;
  samples: number;

  /** In milliseconds. */
  time: number;

  /** Of the time in which the loop did not wait. */
  share: number;
}

/** A node of a `.cpuprofile`, as the inspector's protocol has it. */
export interface CpuProfileNode {
  id: number;
  callFrame: { functionName: string; scriptId: string; url: string; lineNumber: number; columnNumber: number };
  hitCount: number;
  children: number[];
}

/** What `Profiler.Profile` of the inspector's protocol is. Times are in microseconds. */
export interface CpuProfile {
  nodes: CpuProfileNode[];
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** A profile that is complete. */
export interface Profile {
  readonly startedAt: Date;

  /** In milliseconds. */
  readonly duration: number;

  /** How many samples there are, those included in which the loop waited. */
  readonly sampleCount: number;

  /** Who took the time in which the loop did not wait: a row for each value, the largest first. */
  by(label: string | symbol | number): ProfileRow[];

  /** A file of pprof, compressed. It takes the package pprof-format: an Error with code `ERR_CONTEXT_PPROF` if it is not installed. */
  toPprof(options?: OutputOptions): Buffer;

  /** A `.cpuprofile`, for JSON.stringify. */
  toCpuProfile(options?: OutputOptions): CpuProfile;

  /** The JSON of that in pieces, to be written one after the other: a profile of many hours is longer than a string may be. */
  cpuProfileChunks(options?: OutputOptions): Iterable<string>;
}

/** A profile that is being made. */
export interface Profiling extends AsyncDisposable {
  /** Ends it. Calling it again gives the same profile. */
  stop(): Promise<Profile>;
}

/** Profiles that are being made, one after the other. */
export interface ContinuousProfiling extends Disposable {
  /** Hands out the profile that is being made, before its time, and begins the next one. */
  flush(): void;

  /** Hands out the last profile. Calling it again does nothing. */
  stop(): void;
}

/**
 * Begins a profile of this thread whose samples know which context was active. It rejects with an Error with code
 * `ERR_CONTEXT_PROFILER_RUNNING` if this thread is profiled already, and with `ERR_CONTEXT_PROFILER` if V8 cannot do it.
 */
export function start(options: ProfilerOptions): Promise<Profiling>;

/** Profiles this thread for as long as it runs, and hands out one profile after the other. It throws what `start` rejects with. */
export function continuous(options: ContinuousOptions, onProfile: (profile: Profile) => void): ContinuousProfiling;
