"""Finds the word that a member meant: a synonym, a word in traditional characters, or the one known word within a sentence."""

from collections.abc import Iterable
from functools import cache
from typing import Final, NamedTuple

from opencc import OpenCC

from bot.synonyms import ASKS_FIRST, HELLO, LEADS, SYNONYMS, THANKS
from bot.words import Said, parse, tidy

_MARKS: Final = str.maketrans("", "", " ,.!?;:'\"~-_/()[]，。！？；：、…·“”‘’「」『』《》【】～")
_PARTICLES: Final = "啊呀吧吗嘛呢了哦喔哟哈啦呗"
_LONGEST: Final = 40
"""Characters of a message in which a known word is looked for; a longer one tells a story."""


class Meaning(NamedTuple):
    """The meaning of a message: a word to be done with its argument, or a sentence that answers it."""

    said: Said | None = None
    answer: str | None = None


def simplified(text: str) -> str:
    """The text with simplified characters for traditional ones."""
    return str(_converter().convert(text))


def understood(text: str, words: Iterable[str]) -> Meaning | None:
    """The meaning of a text that is none of the `words` alone; None if it cannot be told."""
    plain = simplified(tidy(text)).lower()
    said = parse(plain)
    known = set(words)
    if said.word in known:
        return Meaning(said)
    compact = plain.translate(_MARKS)
    if compact in known:
        return Meaning(Said(compact))
    bare = compact.rstrip(_PARTICLES) or compact
    if bare in THANKS or bare in HELLO:
        return Meaning(answer=_polite(bare))
    if bare in LEADS:
        return Meaning(answer=LEADS[bare])
    phrases = _phrases(frozenset(known))
    if bare in phrases:
        return Meaning(Said(phrases[bare]))
    meant = _within(bare, phrases) if len(bare) <= _LONGEST else None
    return None if meant and meant.said and not _is_whole(meant.said.argument, plain) else meant


def _is_whole(argument: str, plain: str) -> bool:
    """Whether a number stands in the message as one: 兑换 1/2 names two rewards, and not the twelfth."""
    return not argument.isdigit() or argument in plain


def _within(sentence: str, phrases: dict[str, str]) -> Meaning | None:
    """The only word that the sentence has, by its longest phrases; one that costs points or changes a setting is explained."""
    for phrase, lead in LEADS.items():
        if phrase in sentence:
            return Meaning(answer=lead)
    found, rest = set(), sentence
    for phrase in sorted(phrases, key=len, reverse=True):
        if len(phrase) > 1 and phrase in rest:
            found.add(phrases[phrase])
            rest = rest.replace(phrase, "\n")
    if len(found) != 1:
        return None
    (word,) = found
    if word == "兑换" and sentence.startswith(word):
        return Meaning(Said(word, sentence.removeprefix(word)))
    if word in ASKS_FIRST:
        return Meaning(answer=f"你是想说「{word}」吗？直接发「{word}」就行。")
    return Meaning(Said(word))


def _polite(said: str) -> str:
    if said in THANKS:
        return "不客气～有事随时找我，发「帮助」看我能做什么。"
    return "你好呀～我能帮你签到、查积分、抽奖和兑换礼品。\n发「签到」领今天的积分，发「帮助」看全部。"


@cache
def _phrases(known: frozenset[str]) -> dict[str, str]:
    """Every phrase with its word, of the words that are answered."""
    phrases = {word: word for word in known}
    for word, synonyms in SYNONYMS.items():
        if word in known:
            phrases.update(dict.fromkeys(synonyms, word))
    return phrases


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")
