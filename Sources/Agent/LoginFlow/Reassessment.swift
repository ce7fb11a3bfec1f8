internal import PKI
internal import Primitives
internal import Sessions

extension LoginDesk {
    /// Looks at the certificates of all live card sessions again, after revocation data or the clock has changed: a session whose
    /// certificate is refused now ends, one whose rights are others now keeps only what is still granted.
    package func reassess() async {
        let now = time.now()
        await forgetCards()
        for (id, card) in cards {
            do throws(CertificateRefusal) {
                let (_, revocation) = try trust.check(card.certificate, at: now)
                await registry.reassess(id, revocation: revocation)
            } catch {
                switch error {
                case .revoked: await registry.end([id], .revoked, by: nil)
                // The rest was decided at the login: dates by a clock that may have been moved since, authorities that may be replaced.
                default: continue
                }
            }
        }
    }
}
