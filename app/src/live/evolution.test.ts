import { expect, it } from 'vitest';
import type { Mark } from '../contract.ts';
import { Evolution } from './evolution.ts';
import { Timeline } from './timeline.ts';

function setUp() {
  const marks: Mark[] = [];
  return { marks, evolution: new Evolution(new Timeline((mark) => marks.push(mark))) };
}

it('knows nothing at first', () => {
  expect(setUp().evolution.state).toEqual({ phase: null, step: null });
});

it('keeps the phase that was marked last', () => {
  const { evolution } = setUp();
  evolution.startPhase('phase0');
  evolution.startPhase('phase1');
  expect(evolution.state.phase?.label).toBe('phase1');
});

it('shows a step on the timeline from its beginning to its end', () => {
  const { evolution, marks } = setUp();
  evolution.beginStep('phase1');
  expect(evolution.state.step?.label).toBe('phase1');
  expect(marks.at(-1)).toMatchObject({ kind: 'step', label: 'phase1', until: null });
  evolution.endStep();
  evolution.endStep();
  expect(evolution.state.step).toBeNull();
  expect(marks).toHaveLength(2);
  expect(marks.at(-1)?.until).toBeTypeOf('number');
});

it('begins a step anew when it is begun again, and ends the one before', () => {
  const { evolution, marks } = setUp();
  evolution.beginStep('phase1');
  evolution.beginStep('phase1');
  expect(marks.map(({ until }) => until === null)).toEqual([true, false, true]);
});
