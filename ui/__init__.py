"""The look and the words: templates, components, tokens, icons, sentences, addresses. No models; knows no other app."""
