// Loaded into the app before its own code: the parent process can step its wall clock, as NTP or an operator would.

const MachineDate = Date;
let offsetMs = 0;

class SteppedDate extends MachineDate {
  constructor(...args) {
    if (args.length === 0) super(MachineDate.now() + offsetMs);
    else super(...args);
  }

  static now() {
    return MachineDate.now() + offsetMs;
  }
}

globalThis.Date = SteppedDate;
process.on('message', (message) => {
  offsetMs = message.offsetMs;
});
// The listener alone would keep the process from ending.
process.channel?.unref();
