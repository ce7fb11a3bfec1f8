/// The family of a card: table G02 (extension 1.2.250.1.71.1.2.2). Directors and staff share a code.
package enum CardType: String, Hashable, Sendable {
    /// Health professional.
    case cps = "CPS"
    /// Professional in training.
    case cpf = "CPF"
    /// Director or employee of an establishment or practice.
    case cpe = "CPE"
    /// Director or authorised staff of another body.
    case cpa = "CPA"

    init?(code: Int) {
        switch code {
        case 0: self = .cps
        case 1: self = .cpf
        case 2: self = .cpe
        case 3: self = .cpa
        default: return nil
        }
    }
}
