import type { CommandName, ControlState } from '../src/contract.ts';
import { byId, setText } from './common/dom.ts';
import { refusalOf } from './connection.ts';

export interface Commander {
  /** True when the command was taken. */
  send: (name: CommandName, args?: unknown) => Promise<boolean>;
  /** Says why a command was not even sent. What keeps all commands from being sent is said anyway. */
  explain: (reason: string) => void;
  /** Shows whether commands can be sent, until there is something else to say. */
  update: () => void;
}

export interface CommanderDeps {
  command: (name: CommandName, args?: unknown) => Promise<ControlState>;
  /** Why commands cannot be sent now, or null when they can. */
  obstacle: () => string | null;
  onState: (state: ControlState) => void;
  onTokenRequired: (problem: string) => void;
}

/** Sends commands, one of a name at a time, and shows what the server says to them. */
export function setUpCommander({ command, obstacle, onState, onTokenRequired }: CommanderDeps): Commander {
  const message = byId('command-message');
  const inProgress = new Set<CommandName>();
  let last = { text: '', refused: false };
  const update = () => {
    const problem = obstacle();
    const { text, refused } = problem === null ? last : { text: problem, refused: true };
    message.dataset.refused = String(refused);
    setText(message, text === '' ? 'Ready for commands.' : text);
  };
  const say = (text: string, refused: boolean) => {
    last = { text, refused };
    update();
  };

  return {
    async send(name, args) {
      if (obstacle() !== null || inProgress.has(name)) return false;
      inProgress.add(name);
      say(`${name} …`, false);
      try {
        onState(await command(name, args));
        say(`${name} done.`, false);
        return true;
      } catch (error) {
        const refusal = refusalOf(error);
        say(`${name} refused: ${refusal.message}`, true);
        if (refusal.code === 'token_required') onTokenRequired(refusal.message);
        return false;
      } finally {
        inProgress.delete(name);
      }
    },
    explain(reason) {
      if (obstacle() === null) say(reason, true);
    },
    update,
  };
}
