/** Why a connection ends. A socket says it by its close code; an event stream just ends. */
export type Ending =
  /** Its token expired: the client comes back with a new one. */
  | "token_expired"
  /** Its session ended, or its user was disabled. */
  | "session_revoked"
  /** A signing key was withdrawn: a client whose token is valid comes back. */
  | "key_revoked"
  /** It reads too slowly: the client comes back and resumes. */
  | "too_slow"
  /** It cannot go on just now: the client comes back and resumes. */
  | "unavailable"
  /** The process stops: the client comes back. */
  | "shutting_down"
  /** The client has gone. */
  | "gone";

/** What goes over the wire at once. A stream has bytes, a socket text. */
export type Frame = Uint8Array | string;

/** One event, as it is handed to a format. */
export interface CarriedEvent {
  /** Its position; ephemeral events have none. */
  readonly id?: string;
  readonly event: string;
  /** JSON, in one line. */
  readonly data: string;
}

/** How frames look on one kind of connection. */
export interface Format {
  event(event: CarriedEvent): Frame;
  /** A sign of life. With a position it also moves the client's own, without an event. */
  heartbeat(id?: string): Frame;
  /** How long a client that is cut off waits before it comes back; milliseconds. */
  retry(milliseconds: number): Frame;
}

/** What carries a connection's frames to its client, and says when the client reads too slowly. */
export interface Carrier {
  readonly format: Format;
  /** Whether a live connection ends when it is full; otherwise it catches up from the database once there is room. */
  readonly endsWhenFull: boolean;
  /** Whether another frame may be queued. */
  readonly roomy: boolean;
  /** Whether nothing waits for the reader. */
  readonly empty: boolean;
  /** How many times the reader has taken something. */
  readonly taken: number;
  readonly ended: boolean;
  /** Queues a frame. */
  push(frame: Frame): void;
  /** Queues a frame that may be lost: it is dropped when the reader is slow, before anything else is. */
  offer(frame: Frame): void;
  /** Waits until there is room again, or it has ended. */
  room(): Promise<void>;
  /** Ends after what is queued. */
  end(why: Ending): void;
}

/** What a carrier calls. */
export interface CarrierHooks {
  /** The client reads: called once. */
  readonly onStart: () => void;
  /** The client has gone, or the carrier has ended: called once. */
  readonly onEnd: () => void;
}
