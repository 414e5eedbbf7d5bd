"""The life of one matter, from the worker who finds it to its closing: who acts, when, and what goes wrong."""

from abc import abstractmethod
from collections.abc import Generator
from dataclasses import replace
from random import Random
from typing import Any

from core.moment import now
from reports.actions.callback import call_back
from reports.actions.dispatch import assign
from reports.actions.handling import receive
from reports.actions.pool import accept, add_note, reject, return_to_pool, void
from reports.actions.review import approve, close, reopen, rework
from reports.calendar import working_calendar
from reports.demo import asking, odds, pool, watch, words
from reports.demo.matters import Matter
from reports.demo.stage import Life, Wait
from reports.models import Assignment, ItemVersion
from reports.models.vocabulary import ReportStatus, Satisfaction


class ReportedMatter(Matter):
    """A matter as it is reported, handled and closed."""

    def carry_out(self) -> Life:
        pictures = self.send()
        yield from self.upload(self.sender, pictures)
        if self.stops("submit"):
            return
        if self.plan.self_handled:
            yield from self.review_and_close()
            return
        yield from self.pooled()

    # -- the pool --------------------------------------------------------------------------------------------------

    def pooled(self) -> Life:
        """From the pool to the dispatch."""
        yield self.after(1.5, 9)
        if (yield from pool.merged(self)):
            return
        if not (yield from pool.looked_at(self)):
            return
        if self.plan.chance(odds.REJECTED):
            reject(self.desk(), self.id, self.dice.choice(words.REJECT_REASONS))
            return
        if self.plan.chance(odds.VOID):
            void(self.desk(), self.id, self.dice.choice(words.VOID_REASONS))
            return
        accept(self.desk(), self.id)
        if self.happens(odds.SENT_BACK):
            yield self.after(2, 10)
            return_to_pool(self.desk(), self.id, self.dice.choice(words.SENT_BACK_REASONS))
            yield self.after(2, 10)
            accept(self.desk(), self.id)
        if self.plan.chance(0.04):
            add_note(self.desk(), self.id, self.dice.choice(words.INTERNAL))
        if self.stops("accept"):
            return
        if self.plan.beside is not None and not self.plan.stop and self.world.stage.owns(now()):
            self._split(self.plan.beside)
        yield self.after(1.5, 10)
        if self.plan.whistle:
            blown = yield from self.whistled()
            if blown:
                return
            yield self.after(2, 10)
        yield from self.assigned()

    def _split(self, beside: ItemVersion) -> None:
        """What was split off lives a life of its own."""
        for part_id in pool.split_off(self, beside):
            dice = Random(self.dice.getrandbits(64))  # noqa: S311
            plain: dict[str, Any] = {"self_handled": False, "whistle": "", "beside": None, "answers": {}}
            plan = replace(self.plan, id=part_id, at=now(), dice=dice, version=beside, **plain)
            self.world.stage.begin(type(self)(self.world, plan).pooled(), now())

    @abstractmethod
    def whistled(self) -> Generator[Wait, None, bool]:
        """Call departments, which then live on their own; False if the leader would not have it."""
        raise NotImplementedError

    # -- the work --------------------------------------------------------------------------------------------------

    def assigned(self) -> Life:
        """派单 to a unit of the street, a community or a worker, who does it."""
        assign(
            self.desk(), self.id, [self.whom()], self.dice.choice(("", "", "请尽快处置并反馈。", "请先联系反映人。"))
        )
        duty = self.lead()
        if self.stops("assign"):
            return
        watch.begin(self)
        may_return = True
        while True:
            yield self.after(4, 70) if not self.plan.chance(odds.SIGNED_LATE) else self.after(125, 200)
            yield from self.rested()
            receive(self.hand_of(duty), duty.pk)
            if self.stops("receive"):
                return
            if not may_return or not self.happens(odds.RETURNED):
                break
            may_return = False
            yield self.after(5, 60)
            yield from self.rested()
            kept = yield from asking.give_back(self, duty, self.whom)
            if kept is None:
                yield self.after(2, 12)
                yield from self.assigned()
                return
            taken_up, duty = kept.pk == duty.pk, kept
            if taken_up:
                break
        yield from self._work(duty)
        yield from self.review_and_close()

    def _work(self, duty: Assignment) -> Life:
        if self.happens(odds.HANDED_ON):
            yield from asking.hand_on(self, duty.pk)
        done = self.when_done(self.limit(), duty.issued_at)
        if self.happens(odds.MORE_TIME):
            done = yield from asking.ask_more_time(self, duty.pk, done)
        yield done
        yield from self.rested()
        yield from self.give_result(duty.pk)

    # -- the end ---------------------------------------------------------------------------------------------------

    def review_and_close(self) -> Life:
        """核验 until it is good, then 结案; now and then it is opened again days later."""
        if self.stops("review"):
            return
        rounds = 0
        while True:
            yield self.after(10, 170)
            good = yield from pool.result_looked_at(self)
            if rounds < 2 and (not good or self.plan.chance(odds.REWORK)):
                rounds += 1
                rework(self.desk(), self.id, self.dice.choice(words.REWORK_REASONS))
                yield from self.do_again()
                continue
            closed = yield from self.close_for_good()
            if closed and rounds == 0 and self.plan.chance(odds.REOPEN):
                rounds = 2
                yield working_calendar().add(now(), self.dice.uniform(1, 4) * 8 * 3600)
                reopen(self.leader(), self.id, self.dice.choice(words.REOPEN_REASONS))
                yield from self.do_again()
                continue
            return

    def close_for_good(self) -> Generator[Wait, None, bool]:
        """结案: where whoever asked is not content, the lead does it again. False where it is left in callback."""
        while True:
            yield from self._close_now()
            if self.is_in(ReportStatus.CALLBACK):
                if self.stops("callback"):
                    return False
                yield from self._call_back()
            if not self.is_in(ReportStatus.IN_PROGRESS):
                asking.begin_appeals(self)
                return True
            yield from self.do_again()
            yield self.after(10, 170)

    def _close_now(self) -> Life:
        """Approve, and close with the answer to whoever asked."""
        approve(self.desk(), self.id)
        yield self.after(1, 12)
        nobody_asked = self.plan.grid_worker_sends and self.id not in self.world.mains
        close(self.desk(), self.id, answer="" if nobody_asked else self.dice.choice(words.ANSWERS))

    def _call_back(self) -> Life:
        """回访: as often as it takes, or as the rules allow."""
        clerk = self.world.company.callback_clerk()
        while self.is_in(ReportStatus.CALLBACK):
            # Nobody is called at night, however pressing the matter was.
            yield working_calendar().add(now(), self.dice.uniform(10, 150) * 60)
            if self.plan.chance(odds.NO_ANSWER):
                call_back(clerk, self.id, False, note=self.dice.choice(words.NO_ANSWER))
            elif self.plan.chance(odds.UNSOLVED):
                call_back(clerk, self.id, True, False, Satisfaction.NOT, self.dice.choice(words.COMPLAINTS))
            else:
                content = Satisfaction.BASICALLY if self.plan.chance(odds.BASICALLY) else Satisfaction.SATISFIED
                call_back(clerk, self.id, True, True, content, self.dice.choice(words.CALLED))
