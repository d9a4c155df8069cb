// Records a voice note with the browser's microphone.

const LONGEST_MS = 5 * 60_000;

export class Recorder {
  #recorder = null;
  #asking = false; // the person, whether we may
  #onChange;

  // Called with true when it begins to record and false when it ends.
  constructor(onChange) {
    this.#onChange = onChange;
  }

  // Browsers offer no microphone to pages that came without https, but for localhost.
  static get possible() {
    return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder);
  }

  get recording() {
    return this.#recorder !== null;
  }

  // → the recording as a Blob once `stop` is called; null if it was cancelled. Fails if there is no microphone, or the
  // person does not allow it.
  async record() {
    if (this.#asking) return null;
    this.#asking = true;
    const microphone = navigator.mediaDevices.getUserMedia({ audio: true });
    const stream = await microphone.finally(() => { this.#asking = false; });
    const recorder = new MediaRecorder(stream);
    const pieces = [];
    recorder.addEventListener('dataavailable', (event) => pieces.push(event.data));
    const ended = new Promise((resolve) => recorder.addEventListener('stop', resolve, { once: true }));
    this.#recorder = recorder;
    recorder.start();
    this.#onChange(true);
    const limit = setTimeout(() => this.stop(), LONGEST_MS);
    await ended;
    clearTimeout(limit);
    for (const track of stream.getTracks()) track.stop();
    const kept = this.#recorder === recorder;
    this.#recorder = null;
    this.#onChange(false);
    return kept ? new Blob(pieces, { type: recorder.mimeType }) : null;
  }

  stop() {
    this.#recorder?.stop();
  }

  cancel() {
    const recorder = this.#recorder;
    this.#recorder = null;
    recorder?.stop();
  }
}
