import Primitives

extension ErrorCatalogue {
    static let workstation: [ErrorCode: ErrorEntry] = [
        .localAccountUnmapped: ErrorEntry(
            403, .refused, .never,
            title: Text("Cette personne n'a pas de compte sur ce poste", "This person has no account on this workstation"),
            remedy: Text(
                "Demander à l'administrateur de relier la personne à un compte : `pam.accounts`.",
                "Ask the administrator to map the person to an account: `pam.accounts`.")),
        .localAccountMismatch: ErrorEntry(
            403, .refused, .never,
            title: Text("Ce compte n'est pas celui du titulaire", "This account is not the holder's"),
            remedy: Text(
                "Choisir son propre compte, ou insérer la carte de la personne à qui il est.",
                "Choose your own account, or insert the card of the person whose it is.")),
        .localAccountMissing: ErrorEntry(
            403, .refused, .never,
            title: Text("Le compte prévu n'existe pas sur ce poste", "The account meant for this person is not on this workstation"),
            remedy: Text(
                "Demander à l'administrateur de créer le compte, ou de corriger `pam.accounts` ; les comptes sous `pam.least_uid` sont refusés.",
                "Ask the administrator to create the account, or to correct `pam.accounts`; accounts below `pam.least_uid` are refused.")),
        .localAccountUnavailable: ErrorEntry(
            503, .other, .later,
            title: Text("Les comptes du poste ne peuvent être consultés", "The accounts of this workstation cannot be looked up"),
            remedy: Text(
                "Voir `detail` ; vérifier l'annuaire du poste et le programme de `pam.accounts.command`.",
                "See `detail`; check the workstation's directory service and the program of `pam.accounts.command`.")),
    ]
}
