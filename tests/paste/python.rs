//! CPython, asked over pipes.

use std::{
    env,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::generate::File;

/// A Python that runs `oracle.py`.
pub(crate) struct Python {
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Whether it has PasteDeploy.
    pub(crate) meaning: bool,
}

impl Python {
    /// None where there is no Python. `WAFFLEHAUS_PYTHON` names one that has PasteDeploy.
    pub(crate) fn start() -> Option<Self> {
        let program = env::var("WAFFLEHAUS_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let process = Command::new(program)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/tests/paste/oracle.py"
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process.ok()?;
        let mut python = Self {
            questions: process.stdin.take().unwrap(),
            answers: BufReader::new(process.stdout.take().unwrap()),
            process,
            meaning: false,
        };
        python.meaning = python.answer()["meaning"].as_bool().unwrap();
        Some(python)
    }

    /// What it makes of some files.
    pub(crate) fn ask(&mut self, files: &[File]) -> Vec<Value> {
        let files: Vec<_> = files
            .iter()
            .map(|file| {
                let others: serde_json::Map<_, _> = file
                    .others
                    .iter()
                    .map(|(path, text)| (path.clone(), json!(text)))
                    .collect();
                json!({ "path": File::PATH, "text": file.text, "others": others })
            })
            .collect();
        // It reads the whole line before it answers, so neither waits for the other.
        writeln!(self.questions, "{}", Value::from(files)).unwrap();
        self.questions.flush().unwrap();
        serde_json::from_value(self.answer()).unwrap()
    }

    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        serde_json::from_str(&line).expect("Python says on its standard error what is wrong")
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
    }
}
