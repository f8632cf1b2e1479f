// A recording that is still being made: how far it reaches by now. hls.js takes its playlists for a broadcast; nothing
// of a broadcast is wanted here, so the whole length is shown from the start, and what is not there yet as to come.

const CLOSEST = 1000; // ms from the edge: nearer than that the picture would stand at once

export class Growing {
  constructor() {
    this.edges = new Map(); // ms, of picture and sound
    this.live = new Map();
  }

  /** Listen to the loader of a new source; `onChange` whenever it reaches further, or is whole. */
  follow(loader, onChange) {
    this.edges.clear();
    this.live.clear();
    const told = (kind) => (_, { details }) => {
      this.edges.set(kind, details.edge * 1000);
      this.live.set(kind, details.live);
      onChange();
    };
    loader.on("hlsLevelUpdated", told("picture"));
    loader.on("hlsAudioTrackUpdated", told("sound"));
  }

  get isGrowing() {
    return [...this.live.values()].some(Boolean);
  }

  /** Up to where it can be played, in ms; Infinity once it is whole, or nothing is known yet. */
  get reach() {
    return this.isGrowing ? Math.min(...this.edges.values()) : Infinity;
  }

  /** The place nearest to `ms` that is there. */
  nearest(ms) {
    return Math.max(0, Math.min(ms, this.reach - CLOSEST));
  }
}

/** Which package an address of a master playlist is of; the signature in it changes by the hour. */
export function packageOf(master) {
  return new URL(master || "", location.href).pathname.split("/").slice(3, 5).join("/");
}
