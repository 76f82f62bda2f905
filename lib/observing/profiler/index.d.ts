import type { Namespace } from '../../../index.js';

export interface ProfilerOptions {
  /** The time between samples in milliseconds, from 0.1 to 1,000; 1 by default, 10 for `continuous`. */
  interval?: number;

  /** The keys whose values label the samples, at most 32. */
  keys: readonly (string | symbol | number)[];

  /** The namespaces, or their names, in which the keys are looked up; all by default. */
  namespaces?: readonly (Namespace<any> | string)[];
}

export interface ContinuousOptions extends ProfilerOptions {
  /** The duration of each profile in milliseconds, from 1,000 to a day; 60,000 by default. */
  every?: number;
}

export interface OutputOptions {
  /**
   * Whether the labels are also the outermost calls of each stack (`route: /search`), so that any viewer can group by them.
   */
  labelsAtRoot?: boolean;
}

/** The time of one value of a label. */
export interface ProfileRow {
  /** The value; undefined for code without the label. */
  value: string | undefined;
  samples: number;

  /** In milliseconds. */
  time: number;

  /** The share of the busy time. */
  share: number;
}

/** A node of a `.cpuprofile`, as in the inspector protocol. */
export interface CpuProfileNode {
  id: number;
  callFrame: { functionName: string; scriptId: string; url: string; lineNumber: number; columnNumber: number };
  hitCount: number;
  children: number[];
}

/** `Profiler.Profile` of the inspector protocol. Times are in microseconds. */
export interface CpuProfile {
  nodes: CpuProfileNode[];
  startTime: number;
  endTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** A finished profile. */
export interface Profile {
  readonly startedAt: Date;

  /** In milliseconds. */
  readonly duration: number;

  /** Includes samples of the idle loop. */
  readonly sampleCount: number;

  /** The busy time by a label: a row per value, largest first. */
  by(label: string | symbol | number): ProfileRow[];

  /**
   * Creates a compressed pprof file. Throws an Error with code `ERR_CONTEXT_PPROF` if the package pprof-format is not
   * installed.
   */
  toPprof(options?: OutputOptions): Buffer;

  /** Creates the content of a `.cpuprofile` file, for JSON.stringify. */
  toCpuProfile(options?: OutputOptions): CpuProfile;

  /** Generates the JSON of `toCpuProfile` in chunks, since that of many hours exceeds the maximum length of a string. */
  cpuProfileChunks(options?: OutputOptions): Iterable<string>;
}

/** A running profile. */
export interface Profiling extends AsyncDisposable {
  /** Ends the profile. Further calls return the same one. */
  stop(): Promise<Profile>;
}

/** A series of profiles. */
export interface ContinuousProfiling extends Disposable {
  /** Delivers the current profile early and begins the next one. */
  flush(): void;

  /** Delivers the last profile. Further calls do nothing. */
  stop(): void;
}

/**
 * Starts profiling this thread, with the active context's labels on each sample. Rejects with an Error with code
 * `ERR_CONTEXT_PROFILER_RUNNING` if this thread is already profiled, or `ERR_CONTEXT_PROFILER` if V8 fails.
 */
export function start(options: ProfilerOptions): Promise<Profiling>;

/** Profiles this thread continuously and delivers one profile after another. Throws what `start` rejects with. */
export function continuous(options: ContinuousOptions, onProfile: (profile: Profile) => void): ContinuousProfiling;
