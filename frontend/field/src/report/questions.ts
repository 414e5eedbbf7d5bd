/** The extra questions of an item, judged as the server does. */
import type { Schemas } from '@shared/api/client'

export type Question = Schemas['QuestionOut']
/** As a form holds it: numbers as typed, a time as the phone's own field gives it. */
export type Answer = string | boolean | string[]
export type Answers = Record<string, Answer | undefined>

const isEmpty = (answer: Answer | undefined) =>
  answer === undefined || (typeof answer === 'string' ? !answer.trim() : Array.isArray(answer) && !answer.length)

/** As the API takes it in: a number, a time with its zone. Undefined where it fits nothing. */
function asAnswer(question: Question, answer: Answer): string | number | boolean | string[] | undefined {
  switch (question.kind) {
    case 'number': {
      const number = Number(answer)
      return Number.isFinite(number) ? number : undefined
    }
    case 'datetime': {
      const moment = new Date(String(answer))
      return Number.isNaN(moment.getTime()) ? undefined : moment.toISOString()
    }
    default:
      return answer
  }
}

/** Keys of questions whose answer is missing though required, or fits nothing. */
export function unanswered(questions: readonly Question[], answers: Answers): string[] {
  return questions
    .filter((question) => {
      const answer = answers[question.key]
      return isEmpty(answer) ? question.required : asAnswer(question, answer!) === undefined
    })
    .map(({ key }) => key)
}

/** What an answer tells the person who gives it. */
export function toldBy(question: Question, answers: Answers): { text: string; stops: boolean }[] {
  const answer = answers[question.key]
  return question.notices.filter((notice) =>
    Array.isArray(answer) ? answer.includes(notice.answer as string) : answer === notice.answer,
  )
}

/** The answers to send; those to questions of another item are left behind. */
export function asAnswers(questions: readonly Question[], answers: Answers) {
  return Object.fromEntries(
    questions.flatMap((question) => {
      const answer = answers[question.key]
      const sent = isEmpty(answer) ? undefined : asAnswer(question, answer!)
      return sent === undefined ? [] : [[question.key, sent]]
    }),
  )
}
