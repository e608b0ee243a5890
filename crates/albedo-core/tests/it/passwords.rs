//! Passwords through the front door: hashed on their own threads, shed when too many come.

use std::time::Duration;

use albedo_core::{
    security::password::{PasswordError, PasswordFault, Passwords, Verdict},
    settings::{SecuritySettings, Settings, Sources},
};
use secrecy::SecretString;

fn settings() -> SecuritySettings {
    let one_thread = ("ALBEDO_HASH_THREADS".to_owned(), "1".to_owned());
    Settings::load(&Sources::new(None, [one_thread])).unwrap().security
}

fn password() -> SecretString {
    SecretString::from("seven wet seals juggle")
}

#[tokio::test]
async fn a_password_is_verified_against_its_hash_and_no_other() {
    let passwords = Passwords::start(&settings()).unwrap();
    let hash = passwords.hash(&password()).await.unwrap();
    assert_eq!(passwords.verify(&password(), &hash).await.unwrap(), Verdict::Right);
    let other = SecretString::from("Seven wet seals juggle");
    assert_eq!(passwords.verify(&other, &hash).await.unwrap(), Verdict::Wrong);
    assert!(matches!(passwords.verify(&password(), "nonsense").await, Err(PasswordError::Hash(_))));
    passwords.verify_nobody(&password()).await.unwrap();
}

#[tokio::test]
async fn what_finds_no_room_in_the_queue_is_refused_at_once() {
    let passwords = Passwords::start(&SecuritySettings { hash_queue: 1, ..settings() }).unwrap();
    let password = password();
    let (one, two, three, four) = tokio::join!(
        passwords.hash(&password),
        passwords.hash(&password),
        passwords.hash(&password),
        passwords.hash(&password)
    );
    let busy = [one, two, three, four].iter().filter(|answer| matches!(answer, Err(PasswordError::Busy))).count();
    assert!((2..=3).contains(&busy), "{busy}");
}

#[tokio::test]
async fn who_waits_too_long_is_refused_and_his_job_is_skipped() {
    let impatient = SecuritySettings { hash_wait: Duration::from_millis(1), hash_queue: 100, ..settings() };
    let passwords = Passwords::start(&impatient).unwrap();
    let password = password();
    for _ in 0..100 {
        // The queue has room for every one of these only because nothing is hashed that nobody waits for.
        assert!(matches!(passwords.hash(&password).await, Err(PasswordError::Busy)));
    }
}

#[test]
fn the_rules_for_new_passwords_follow_the_settings() {
    let passwords = Passwords::start(&SecuritySettings { password_min_length: 20, ..settings() }).unwrap();
    assert_eq!(passwords.check("vo7#kelpie quiz jam", &[]), Err(PasswordFault::TooShort { min: 20, length: 19 }));
    assert_eq!(passwords.check("vo7#kelpie quiz jams", &[]), Ok(()));
}
