/** An authenticator of a phone: it verifies its user, and has the PRF extension. */
export async function authenticator({ context, page }) {
    const session = await context.newCDPSession(page);
    await session.send('WebAuthn.enable');
    await session.send('WebAuthn.addVirtualAuthenticator', {
        options: {
            protocol: 'ctap2', ctap2Version: 'ctap2_1', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
            isUserVerified: true, hasPrf: true, automaticPresenceSimulation: true,
        },
    });
}
