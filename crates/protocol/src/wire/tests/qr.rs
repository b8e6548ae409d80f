//! Sizes, and the QR codes that come of them: a real encoder draws them and a real decoder reads them.

use fast_qr::{ECL, Mode, QRBuilder, QRCode};

use super::*;

/// The tokens of the two kinds: 18 decimals as most have, 6 as dollars have.
const DECIMALS: [u8; 2] = [18, 6];

fn size(code: &Code) -> usize {
    code.to_bytes().unwrap().len()
}

fn draw(code: &Code, level: ECL) -> QRCode {
    let text = code.to_text().unwrap();
    QRBuilder::new(text)
        .mode(Mode::Alphanumeric)
        .ecl(level)
        .build()
        .unwrap()
}

/// The version: 1 has 21 modules a side, and each further one four more.
fn version(qr: &QRCode) -> usize {
    (qr.size - 17) / 4
}

/// Four pixels a module and a quiet zone of four modules, as a camera would have it on a good day.
fn read(qr: &QRCode) -> String {
    const SCALE: usize = 4;
    let side = (qr.size + 8) * SCALE;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(side, side, |x, y| {
        let module = |at: usize| {
            (at / SCALE)
                .checked_sub(4)
                .filter(|module| *module < qr.size)
        };
        let dark = module(x)
            .zip(module(y))
            .is_some_and(|(x, y)| qr[y][x].value());
        if dark { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}

#[test]
fn sizes() {
    for decimals in DECIMALS {
        let request = request(decimals);
        let unsigned: Code = RequestCode::new(&domain(), request.clone(), None).into();
        let signature = sign(&request, 3);
        let signed: Code = RequestCode::new(&domain(), request, Some(signature)).into();
        let payment: Code = payment_code(decimals).into();
        let certificate = certificate(decimals, Circle::OPEN);
        let certificate: Code =
            CertificateCode::new(&domain(), certificate, sign(&certificate, 10)).into();
        // 64 bytes, and four of checksum.
        assert!(size(&unsigned) <= 64 + 4, "{}", size(&unsigned));
        assert!(size(&signed) <= 130, "{}", size(&signed));
        assert!(size(&payment) <= 100, "{}", size(&payment));
        assert!(size(&certificate) <= 139, "{}", size(&certificate));
        assert!(size(&payment_with_certificate(decimals, Circle::OPEN)) <= 219);
        assert!(size(&payment_with_certificate(decimals, market())) <= 240);
    }
}

/// What the README says.
#[test]
fn sizes_of_every_code() {
    let sizes: Vec<usize> = every_code().iter().map(size).collect();
    assert_eq!(
        sizes,
        [
            68, 129, 96, 219, 152, 88, 87, 137, 200, 86, 55, 136, 95, 166
        ]
    );
    let without_circle = payment_with_certificate(18, Circle::OPEN);
    assert_eq!(size(&without_circle), 199);
}

/// The most that amounts can take: no round sums, a long history, funds in the millions.
#[test]
fn awkward_amounts_still_fit_version_11() {
    let payment = Payment {
        start: tokens("1234567.123456789012345678", 18),
        amount: tokens("12.123456789012345678", 18),
        cumulative: tokens("876543.987654321098765432", 18),
        ..payment(18)
    };
    let certificate = Certificate {
        funds: tokens("2234567.123456789012345678", 18),
        pledge: tokens("3234567.123456789012345678", 18),
        ..certificate(18, market())
    };
    let hint = ReferenceHint::own_request(payment.reference);
    let code = PaymentCode::new(&domain(), &payment, hint, sign(&payment, 1)).unwrap();
    let code: Code =
        PaymentWithCertificateCode::new(code, &certificate, sign(&certificate, 10)).into();
    assert!(size(&code) <= 309, "{}", size(&code));
    assert!(version(&draw(&code, ECL::L)) <= 11);
}

#[test]
fn payment_and_certificate_fit_versions_9_to_11() {
    for decimals in DECIMALS {
        for circle in [Circle::OPEN, market()] {
            let code = payment_with_certificate(decimals, circle);
            let low = version(&draw(&code, ECL::L));
            let medium = version(&draw(&code, ECL::M));
            assert!((9..=11).contains(&low), "{low}");
            assert!((9..=11).contains(&medium), "{medium}");
        }
    }
}

#[test]
fn what_people_hold_up_stays_below_version_12() {
    for code in every_code() {
        assert!(version(&draw(&code, ECL::L)) <= 11);
        assert!(version(&draw(&code, ECL::M)) <= 11);
    }
}

#[test]
fn a_camera_reads_them_back() {
    for code in every_code() {
        for level in [ECL::L, ECL::M] {
            let text = read(&draw(&code, level));
            assert_eq!(Code::parse(&text), Ok(code.clone()));
        }
    }
}
