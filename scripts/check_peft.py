#!/usr/bin/env python3
"""Loads an adapter directory with PEFT and compares its rows with the file: check_peft.py MODEL ADAPTER [TEXT]

Needs: pip install torch transformers peft sentencepiece. Not needed by the project itself.
"""
import sys

import torch
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoTokenizer, T5ForConditionalGeneration

if len(sys.argv) < 3:
    sys.exit(__doc__)
model_folder, adapter = sys.argv[1:3]
base = T5ForConditionalGeneration.from_pretrained(model_folder)
model = PeftModel.from_pretrained(base, adapter).eval()
rows = load_file(f"{adapter}/adapter_model.safetensors")["prompt_embeddings"]
loaded = model.get_prompt_embedding_to_save("default")
assert torch.equal(rows, loaded), f"PEFT loaded other rows than the file holds: {loaded.shape}, {rows.shape}"
print(f"{adapter}: {rows.shape[0]} rows of {rows.shape[1]}, as PEFT loads them")
if len(sys.argv) > 3:
    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    output = model.generate(**tokenizer(sys.argv[3], return_tensors="pt"), max_new_tokens=20)
    print(tokenizer.decode(output[0], skip_special_tokens=True))
