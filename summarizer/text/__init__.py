"""What a text is, before anything is asked of it: characters, sentences, language, what stands around the story."""
