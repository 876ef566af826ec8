//! A classifier of twenty words, written byte by byte: embedding, masked mean, linear layer. Small
//! enough that a test can say by hand what it must answer.

use serde_json::{Map, Value, json};

/// Word, and how much it pulls to negative, neutral and positive. The first three are what every
/// tokenizer has: unknown, begin, end.
pub const WORDS: [(&str, [f32; 3]); 20] = [
    ("[UNK]", [0.0, 0.5, 0.0]),
    ("[CLS]", [0.0, 0.25, 0.0]),
    ("[SEP]", [0.0, 0.25, 0.0]),
    ("honte", [6.0, 0.0, -3.0]),
    ("nul", [5.0, 0.0, -2.0]),
    ("panne", [3.0, 1.0, -1.0]),
    ("arnaque", [7.0, -1.0, -3.0]),
    ("attente", [2.0, 1.0, -1.0]),
    ("merci", [-2.0, 0.0, 5.0]),
    ("super", [-3.0, 0.0, 6.0]),
    ("genial", [-3.0, -1.0, 7.0]),
    ("rapide", [-1.0, 0.0, 4.0]),
    ("ouvre", [0.0, 3.0, 0.0]),
    ("magasin", [0.0, 2.0, 0.0]),
    ("lundi", [0.0, 3.0, 0.0]),
    ("horaires", [0.0, 2.0, 0.0]),
    ("le", [0.0, 0.0, 0.0]),
    ("un", [0.0, 0.0, 0.0]),
    ("acme", [0.0, 0.0, 0.0]),
    ("!", [1.0, -1.0, 1.0]),
];

/// What the linear layer adds; its weights are those of the identity.
const BIAS: [f32; 3] = [0.5, 0.0, -0.5];

/// How a model differs from the usual one.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Inputs by name; the first holds the ids.
    pub inputs: &'static [&'static str],
    /// The length that it insists on.
    pub length: Option<i64>,
    pub outputs: usize,
    /// It ends in a softmax.
    pub finished: bool,
}

pub const USUAL: Shape =
    Shape { inputs: &["input_ids", "attention_mask"], length: None, outputs: 3, finished: false };

/// What it must say of words that are all in its list: the arithmetic, once more and plainly.
pub fn expected(words: &[&str]) -> [f64; 3] {
    let ends = ["[CLS]", "[SEP]"];
    let pulls: Vec<[f32; 3]> = words
        .iter()
        .chain(&ends)
        .map(|word| {
            let known = WORDS.iter().find(|(known, _)| known == word);
            known.unwrap_or(&WORDS[0]).1
        })
        .collect();
    let logit = |tone: usize| {
        let sum: f64 = pulls.iter().map(|pull| f64::from(pull[tone])).sum();
        sum / pulls.len() as f64 + f64::from(BIAS[tone])
    };
    let odds = [logit(0).exp(), logit(1).exp(), logit(2).exp()];
    let all: f64 = odds.iter().sum();
    odds.map(|odds| odds / all)
}

/// A tokenizer.json that lowers case, drops accents and cuts at spaces and signs.
pub fn tokenizer() -> Vec<u8> {
    let ids = WORDS.iter().enumerate();
    let vocabulary: Map<String, Value> =
        ids.map(|(id, (word, _))| ((*word).to_owned(), json!(id))).collect();
    let special = |id: usize| {
        json!({"id": id, "content": WORDS[id].0, "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": true})
    };
    let token = |id: usize| json!({"SpecialToken": {"id": WORDS[id].0, "type_id": 0}});
    let named = |id: usize| json!({"id": WORDS[id].0, "ids": [id], "tokens": [WORDS[id].0]});
    let text = json!({"Sequence": {"id": "A", "type_id": 0}});
    let other = json!({"Sequence": {"id": "B", "type_id": 1}});
    let written = json!({
        "version": "1.0", "truncation": null, "padding": null, "decoder": null,
        "added_tokens": [special(0), special(1), special(2)],
        "normalizer": {"type": "Sequence", "normalizers":
            [{"type": "NFD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
        "pre_tokenizer": {"type": "Whitespace"},
        "post_processor": {"type": "TemplateProcessing",
            "single": [token(1), text, token(2)],
            "pair": [token(1), text, token(2), other, token(2)],
            "special_tokens": {"[CLS]": named(1), "[SEP]": named(2)}},
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    });
    written.to_string().into_bytes()
}

/// The model as an ONNX file, operator set 13.
pub fn model(shape: Shape) -> Vec<u8> {
    let outputs = shape.outputs;
    let table: Vec<f32> = WORDS.iter().flat_map(|(_, pull)| *pull).collect();
    let identity = |at: usize| f32::from(u8::from(at / outputs == at % outputs));
    let linear: Vec<f32> = (0..3 * outputs).map(identity).collect();
    let bias: Vec<f32> = (0..outputs).map(|at| BIAS.get(at).copied().unwrap_or(0.0)).collect();
    let mask = shape.inputs.iter().find(|name| **name == "attention_mask");
    let mut graph = Message::default();
    let mut node = |kind: &str, from: &[&str], to: &str, attributes: &[(&str, i64)]| {
        graph.message(1, &operation(kind, from, to, attributes));
    };
    node("Gather", &["table", shape.inputs[0]], "words", &[("axis", 0)]);
    // Without a mask every token counts: whatever equals itself is 1.
    match mask {
        Some(mask) => node("Cast", &[mask], "mask", &[("to", FLOAT)]),
        None => {
            node("Equal", &[shape.inputs[0], shape.inputs[0]], "all", &[]);
            node("Cast", &["all"], "mask", &[("to", FLOAT)]);
        }
    }
    node("Unsqueeze", &["mask", "two"], "weights", &[]);
    node("Mul", &["words", "weights"], "kept", &[]);
    node("ReduceSum", &["kept", "one"], "sum", &[("keepdims", 0)]);
    node("ReduceSum", &["mask", "one"], "count", &[("keepdims", 1)]);
    node("Div", &["sum", "count"], "mean", &[]);
    node("MatMul", &["mean", "linear"], "turned", &[]);
    let last = if shape.finished { "unfinished" } else { "logits" };
    node("Add", &["turned", "bias"], last, &[]);
    if shape.finished {
        node("Softmax", &[last], "logits", &[("axis", -1)]);
    }
    graph.text(2, "tiny");
    graph.message(5, &floats("table", &[WORDS.len(), 3], &table));
    graph.message(5, &floats("linear", &[3, outputs], &linear));
    graph.message(5, &floats("bias", &[outputs], &bias));
    graph.message(5, &place("one", 1));
    graph.message(5, &place("two", 2));
    for name in shape.inputs {
        graph.message(11, &value(name, INT64, &[None, shape.length]));
    }
    graph.message(12, &value("logits", FLOAT, &[None, i64::try_from(outputs).ok()]));
    // Recent exports tell shapes on the way too, in their own symbols.
    graph.message(13, &value("mask", FLOAT, &[None, shape.length]));
    let mut set = Message::default();
    set.text(1, "").number(2, 13);
    let mut model = Message::default();
    model.number(1, 8).message(8, &set).message(7, &graph);
    model.0
}

const FLOAT: i64 = 1;
const INT64: i64 = 7;

fn operation(kind: &str, from: &[&str], to: &str, attributes: &[(&str, i64)]) -> Message {
    let mut node = Message::default();
    for input in from {
        node.text(1, input);
    }
    node.text(2, to).text(3, to).text(4, kind);
    for (name, number) in attributes {
        let mut attribute = Message::default();
        attribute.text(1, name).number(3, *number).number(20, 2);
        node.message(5, &attribute);
    }
    node
}

fn floats(name: &str, shape: &[usize], values: &[f32]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, shape, FLOAT, &bytes)
}

/// A list of one axis.
fn place(name: &str, axis: i64) -> Message {
    tensor(name, &[1], INT64, &axis.to_le_bytes())
}

fn tensor(name: &str, shape: &[usize], kind: i64, bytes: &[u8]) -> Message {
    let mut tensor = Message::default();
    for length in shape {
        tensor.number(1, i64::try_from(*length).unwrap());
    }
    tensor.number(2, kind).text(8, name).bytes(9, bytes);
    tensor
}

/// An input or output: one text at a time or many, of a fixed length or any.
fn value(name: &str, kind: i64, lengths: &[Option<i64>]) -> Message {
    let mut shape = Message::default();
    for (at, length) in lengths.iter().enumerate() {
        let mut dimension = Message::default();
        match length {
            Some(length) => dimension.number(1, *length),
            None => dimension.text(2, ["batch", "sequence"][at]),
        };
        shape.message(1, &dimension);
    }
    let (mut tensor, mut of, mut value) =
        (Message::default(), Message::default(), Message::default());
    tensor.number(1, kind).message(2, &shape);
    of.message(1, &tensor);
    value.text(1, name).message(2, &of);
    value
}

/// A protobuf message under construction.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn number(&mut self, field: u64, value: i64) -> &mut Message {
        self.varint(field << 3);
        self.varint(value.cast_unsigned());
        self
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Message {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend(bytes);
        self
    }

    fn text(&mut self, field: u64, text: &str) -> &mut Message {
        self.bytes(field, text.as_bytes())
    }

    fn message(&mut self, field: u64, message: &Message) -> &mut Message {
        self.bytes(field, &message.0)
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}
