import type { Format, Frame } from "./carrier.ts";
import type { Delivery } from "./feed.ts";
import { type Places, samePlaces } from "./position.ts";

/** A frame, and the places at which it was written. */
export interface Written {
  readonly frame: Frame;
  readonly places: Readonly<Places>;
}

/** What everyone gets of one event who gets the same of it. Its frame is written once for all who are at the same places. */
export class Parcel {
  /** The last of each format: those who come after another mostly are at the same places. */
  readonly #written = new Map<Format, Written>();

  /**
   * @param seq the place of the event in its feed
   * @param data JSON
   */
  constructor(
    readonly seq: number,
    readonly type: string,
    readonly data: string,
  ) {}

  /**
   * The event as it is written at these places.
   *
   * @param position places as a client is told them
   */
  written(format: Format, places: Readonly<Places>, position: (places: Readonly<Places>) => string): Written {
    const known = this.#written.get(format);
    if (known && samePlaces(known.places, places)) return known;
    const frame = format.event({ id: position(places), event: this.type, data: this.data });
    const written = { frame, places: { ...places } };
    this.#written.set(format, written);
    return written;
  }
}

/** An event that is never stored, and so has no place. Its frame is written once for all who get it. */
export class PassingEvent {
  readonly #frames = new Map<Format, Frame>();

  /** @param data JSON */
  constructor(
    readonly event: string,
    readonly data: string,
  ) {}

  frame(format: Format): Frame {
    const frame = this.#frames.get(format) ?? format.event(this);
    this.#frames.set(format, frame);
    return frame;
  }
}

/** What some events of a feed are for each user, in their order. */
export class Parcels {
  readonly #deliveries: readonly { readonly delivery: Delivery; readonly byData: Map<string, Parcel> }[];
  readonly #ofUser = new Map<string, readonly Parcel[]>();

  constructor(deliveries: readonly Delivery[]) {
    this.#deliveries = deliveries.map((delivery) => ({ delivery, byData: new Map() }));
  }

  /** Those of a user; the same list for all of their streams. */
  of(user_id: string): readonly Parcel[] {
    let theirs = this.#ofUser.get(user_id);
    if (!theirs) {
      theirs = this.#deliveries.flatMap(({ delivery, byData }) => {
        const data = delivery.to.get(user_id);
        if (data === undefined) return [];
        const parcel = byData.get(data) ?? new Parcel(delivery.seq, delivery.type, data);
        byData.set(data, parcel);
        return parcel;
      });
      this.#ofUser.set(user_id, theirs);
    }
    return theirs;
  }
}
