//! What goes in comes out, as text and as link, and the left-out parts are put back.

use proptest::prelude::*;

use super::*;

#[test]
fn every_code_comes_back_as_text_and_as_link() {
    for code in every_code() {
        let text = code.to_text().unwrap();
        assert!(text.starts_with("OP1:"));
        assert_eq!(Code::parse(&text), Ok(code.clone()));
        let link = code.to_link("https://pay.example/p").unwrap();
        assert!(link.starts_with("https://pay.example/p#"));
        assert_eq!(Code::parse(&link), Ok(code.clone()));
        assert_eq!(Code::parse(&code.to_link("").unwrap()), Ok(code));
    }
}

#[test]
fn text_is_alphanumeric_for_qr() {
    const ALPHANUMERIC: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
    for code in every_code() {
        assert!(
            code.to_text()
                .unwrap()
                .chars()
                .all(|char| ALPHANUMERIC.contains(char))
        );
    }
}

#[test]
fn the_payee_rebuilds_the_payment() {
    let Ok(Code::PaymentWithCertificate(code)) =
        Code::parse(&payment_with_certificate(18, market()).to_text().unwrap())
    else {
        panic!("another type");
    };
    let payment = payment(18);
    assert!(code.payment().reference().matches(payment.reference));
    let opened = code.open(&domain(), payee(), payment.reference).unwrap();
    assert_eq!(opened.payment, payment);
    assert_eq!(opened.certificate, certificate(18, market()));
    assert_eq!(opened.signature, sign(&payment, 1));
    assert_eq!(opened.certificate_signature, sign(&opened.certificate, 10));
}

#[test]
fn for_anybody_else_the_payment_is_nobodys() {
    let code = payment_code(18);
    let reference = payment(18).reference;
    let stranger = AccountId::new([0xbb; 20].into());
    let (_, _, purse) = code.open(&domain(), stranger, reference).unwrap();
    assert_ne!(purse, key(1).address().into());
    assert_eq!(
        code.open(&domain(), payee(), Reference::ZERO),
        Err(WireError::OtherSubject)
    );
    let elsewhere = Domain::new(1, domain().contract());
    assert_eq!(
        code.open(&elsewhere, payee(), reference),
        Err(WireError::OtherDeployment {
            found: domain().deployment()
        })
    );
}

#[test]
fn every_code_is_for_one_deployment() {
    let other = Domain::new(1, domain().contract());
    for code in every_code() {
        let refused = match &code {
            Code::Request(code) => code.open(&other).map(drop),
            Code::Payment(code) => code.open(&other, payee(), Reference::ZERO).map(drop),
            Code::PaymentWithCertificate(code) => {
                code.open(&other, payee(), Reference::ZERO).map(drop)
            }
            Code::Certificate(code) => code.open(&other).map(drop),
            Code::Receipt(code) => code.open(&other, Default::default()).map(drop),
            Code::Voucher(code) => code
                .open(&other, Default::default(), Reference::ZERO)
                .map(drop),
            Code::Attestation(code) => code.open(&other).map(drop),
            Code::AttestedRequest(code) => code.open(&other).map(drop),
            Code::ChannelOffer(code) => code.open(&other).map(drop),
            Code::ChannelTerms(code) => code.open(&other).map(drop),
            Code::ChannelClose(code) => code.open(&other, Default::default()).map(drop),
            Code::TillRefund(code) => code.open(&other).map(drop),
            // It is how a wallet comes to know the deployment.
            Code::Operator(_) => continue,
        };
        assert!(
            matches!(refused, Err(WireError::OtherDeployment { .. })),
            "{code:?}"
        );
    }
}

#[test]
fn receipts_and_vouchers_are_for_what_they_name() {
    let receipt = Receipt {
        payment: payment(18).id(&domain()),
        accepted_at: at(30),
    };
    let code = ReceiptCode::new(&domain(), &receipt, sign(&receipt, 3));
    assert_eq!(
        code.open(&domain(), receipt.payment),
        Ok((receipt, sign(&receipt, 3)))
    );
    assert_eq!(
        code.open(&domain(), Default::default()),
        Err(WireError::OtherSubject)
    );

    let voucher = Voucher {
        channel: crate::ChannelId::new([7; 32].into()),
        cumulative: tokens("3.75", 18),
        reference: request(18).reference(&domain()),
    };
    let hint = ReferenceHint::own_request(voucher.reference);
    let code = VoucherCode::new(&domain(), &voucher, hint, sign(&voucher, 5)).unwrap();
    let open = |channel, reference| code.open(&domain(), channel, reference);
    assert_eq!(
        open(voucher.channel, voucher.reference),
        Ok((voucher, sign(&voucher, 5)))
    );
    assert_eq!(
        open(Default::default(), voucher.reference),
        Err(WireError::OtherSubject)
    );
    assert_eq!(
        open(voucher.channel, Reference::ZERO),
        Err(WireError::OtherSubject)
    );
}

#[test]
fn the_owner_sees_what_was_paid_to_the_till() {
    let payment = payment(18);
    let payer = AccountId::new([0xbb; 20].into());
    let code = TillRefundCode::new(&domain(), payment, sign(&payment, 1), payer, payment.amount);
    let opened = code.open(&domain()).unwrap();
    assert_eq!(opened.payment, payment);
    assert_eq!(opened.original, payment.id(&domain()));
    assert_eq!(opened.purse, key(1).address().into());
    assert_eq!((opened.payer, opened.amount), (payer, payment.amount));
    // What is held up to a camera stays small enough for one.
    assert!(Code::from(code).to_text().unwrap().len() < 400);
}

#[test]
fn what_sides_of_a_channel_give_each_other_comes_back_whole() {
    let offer = ChannelOfferCode::new(&domain(), payee(), key(5).address().into());
    assert_eq!(
        offer.open(&domain()),
        Ok((payee(), key(5).address().into()))
    );
    let terms = ChannelTermsCode::new(&domain(), channel_terms());
    assert_eq!(terms.open(&domain()), Ok(&channel_terms()));
    let close = channel_close();
    for by in [Side::A, Side::B] {
        let signature = sign(&close, 4);
        let code = ChannelCloseCode::new(&domain(), &close, by, signature);
        assert_eq!(
            code.open(&domain(), close.channel),
            Ok((close, by, signature))
        );
        assert_eq!(
            code.open(&domain(), Default::default()),
            Err(WireError::OtherSubject)
        );
    }
}

#[test]
fn an_attestation_travels_only_with_the_request_it_is_for() {
    let Code::AttestedRequest(code) = attested_request() else {
        panic!("another type")
    };
    let opened = code.open(&domain()).unwrap();
    assert_eq!(opened.attestation, attestation());
    assert_eq!(opened.request, &request(18));

    let other = Attestation {
        name: "Somebody else".to_owned(),
        ..attestation()
    };
    let refused = AttestedRequestCode::new(
        &domain(),
        request(18),
        sign(&request(18), 3),
        &other,
        sign(&other, 10),
    );
    assert_eq!(refused, Err(WireError::OtherSubject));
    let by_another_key = AttestedRequestCode::new(
        &domain(),
        request(18),
        sign(&request(18), 4),
        &attestation(),
        sign(&attestation(), 10),
    );
    assert_eq!(by_another_key, Err(WireError::OtherSubject));
}

#[test]
fn a_code_is_made_only_of_what_can_be_read() {
    let payment = Payment {
        cumulative: Amount::ZERO,
        ..payment(18)
    };
    let whole = ReferenceHint::Whole(payment.reference);
    let made = PaymentCode::new(&domain(), &payment, whole, sign(&payment, 1));
    assert_eq!(made, Err(WireError::Malformed));
    let other = ReferenceHint::Whole(Reference::ZERO);
    let made = PaymentCode::new(&domain(), &self::payment(18), other, sign(&payment, 1));
    assert_eq!(made, Err(WireError::OtherSubject));
    let long = Request {
        memo: "x".repeat(LONGEST),
        ..request(18)
    };
    let code: Code = RequestCode::new(&domain(), long, None).into();
    assert_eq!(code.to_text(), Err(WireError::TooLong));
}

fn amount() -> impl Strategy<Value = Amount> {
    (0..=Amount::MAX.get(), 0u32..29).prop_map(|(units, zeros)| {
        Amount::new(units / 10u128.pow(zeros) * 10u128.pow(zeros)).unwrap()
    })
}

fn reference() -> impl Strategy<Value = Reference> {
    prop_oneof![
        Just(Reference::ZERO),
        any::<[u8; 32]>().prop_map(|bytes| Reference::new(bytes.into()))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_payment(
        start in amount(), before in amount(), amount in amount(), reference in reference(), whole: bool,
        circle: [u8; 20], cover_count: u16, circle_size: u16, as_of in 0..=Timestamp::MAX.get(),
    ) {
        let Some(cumulative) = before.checked_add(amount) else { return Ok(()) };
        let payment = Payment { payee: payee(), start, amount, cumulative, reference };
        let hint = if whole { ReferenceHint::Whole(reference) } else { ReferenceHint::own_request(reference) };
        let code = PaymentCode::new(&domain(), &payment, hint, sign(&payment, 1)).unwrap();
        let certificate = Certificate {
            circle: Circle::new(circle.into()),
            cover_count,
            circle_size,
            as_of: Timestamp::new(as_of).unwrap(),
            funds: start,
            pledge: before,
            ..certificate(18, market())
        };
        let both: Code = PaymentWithCertificateCode::new(code, &certificate, sign(&certificate, 10)).into();
        let parsed = Code::parse(&both.to_text().unwrap());
        let Ok(Code::PaymentWithCertificate(parsed)) = parsed else { panic!("{parsed:?}") };
        let opened = parsed.open(&domain(), payee(), reference).unwrap();
        prop_assert_eq!((opened.payment, opened.certificate), (payment, certificate));
    }

    #[test]
    fn any_request(
        payee: [u8; 20], amount in amount(), nonce: [u8; 32], cut in 0usize..33,
        expires_at in 0..=Timestamp::MAX.get(), name: String, memo: String, signed: bool,
    ) {
        let mut nonce = nonce;
        nonce[32 - cut.min(32)..].fill(0);
        let request = Request {
            payee: AccountId::new(payee.into()),
            amount,
            nonce: Nonce::new(nonce.into()),
            expires_at: Timestamp::new(expires_at).unwrap(),
            name,
            memo,
        };
        let signature = signed.then(|| sign(&request, 3));
        let code: Code = RequestCode::new(&domain(), request.clone(), signature).into();
        let parsed = Code::parse(&code.to_text().unwrap());
        let Ok(Code::Request(parsed)) = parsed else { panic!("{parsed:?}") };
        prop_assert_eq!(parsed.open(&domain()), Ok((&request, signature)));
    }
}
