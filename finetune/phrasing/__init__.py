"""Shoppers' phrasings: a grammar of templates over a catalogue, with gold intents and slots."""

from finetune.phrasing.generator import Example, Generator, as_json, digest
from finetune.phrasing.grammar import grammar_digest
from finetune.phrasing.keys import template_key, training_templates
from finetune.phrasing.recipe import Recipe, training_examples
from finetune.phrasing.vocabulary import Vocabulary, default_vocabulary, vocabulary

__all__ = [
    "Example",
    "Generator",
    "Recipe",
    "Vocabulary",
    "as_json",
    "default_vocabulary",
    "digest",
    "grammar_digest",
    "template_key",
    "training_examples",
    "training_templates",
    "vocabulary",
]
