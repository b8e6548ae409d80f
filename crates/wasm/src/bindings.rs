//! The engine for JavaScript: entries and answers are JSON texts, typed in `types/`.

use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::{Engine, Failure};

#[wasm_bindgen(typescript_custom_section)]
const COMMON: &str = include_str!("types/common.ts");
#[wasm_bindgen(typescript_custom_section)]
const COMMAND: &str = include_str!("types/command.ts");
#[wasm_bindgen(typescript_custom_section)]
const WALLET: &str = include_str!("types/wallet.ts");
#[wasm_bindgen(typescript_custom_section)]
const CHAIN: &str = include_str!("types/chain.ts");
#[wasm_bindgen(typescript_custom_section)]
const ANSWERS: &str = include_str!("types/answers.ts");

/// The engine, for the page's worker and nobody else.
#[wasm_bindgen]
#[derive(Debug)]
pub struct OffPayEngine(Engine);

#[wasm_bindgen]
impl OffPayEngine {
    /// Opens the wallet that the stored entries mean.
    #[wasm_bindgen(constructor)]
    pub fn open(entries: Vec<String>) -> Result<Self, JsError> {
        Engine::open(entries).map(Self).map_err(thrown)
    }

    /// Decides, and gives out what is to be written.
    pub fn begin(
        &mut self,
        command: &str,
        now: f64,
        entropy: &[u8],
    ) -> Result<Vec<String>, JsError> {
        let entropy = <[u8; 32]>::try_from(entropy)
            .map_err(|_| thrown(Failure::malformed("the entropy is not 32 bytes")))?;
        // Seconds since 1970 fit a double for the next 200 million years; what is out of range saturates.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates"
        )]
        let now = now as u64;
        self.0.begin(command, now, entropy).map_err(thrown)
    }

    /// What was begun is durable: gives out the answer.
    pub fn finish(&mut self) -> Result<String, JsError> {
        self.0.finish().map_err(thrown)
    }

    /// The write failed.
    pub fn fail(&mut self) {
        self.0.fail();
    }
}

/// A code, drawn for cameras.
#[wasm_bindgen]
#[derive(Debug)]
pub struct QrDrawing {
    drawing: crate::qr::Drawing,
}

#[wasm_bindgen]
impl QrDrawing {
    /// Draws a text.
    #[wasm_bindgen(constructor)]
    pub fn of(text: &str) -> Result<Self, JsError> {
        crate::qr::draw(text)
            .map(|drawing| Self { drawing })
            .map_err(thrown)
    }

    /// Modules along a side, the quiet zone included.
    #[wasm_bindgen(getter)]
    pub fn side(&self) -> u32 {
        self.drawing.side
    }

    /// The dark modules, as an SVG path.
    #[wasm_bindgen(getter)]
    pub fn path(&self) -> String {
        self.drawing.path.clone()
    }

    /// The version of the code, 1 to 40.
    #[wasm_bindgen(getter)]
    pub fn version(&self) -> u32 {
        self.drawing.version
    }
}

fn thrown(failure: Failure) -> JsError {
    JsError::new(&serde_json::to_string(&failure).unwrap_or(failure.message))
}
