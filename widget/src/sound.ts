// SPDX-License-Identifier: Apache-2.0

/** Two soft tones; silence where the browser wants the visitor to have touched us first. */
export function chime(): void {
  if (!navigator.userActivation?.hasBeenActive) return;
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.connect(audio.destination);
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + 0.5);
  for (const [at, pitch] of [[0, 660], [0.12, 880]] as const) {
    const tone = audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(audio.currentTime + at);
    tone.stop(audio.currentTime + 0.5);
    if (at) tone.onended = () => void audio.close();
  }
}
