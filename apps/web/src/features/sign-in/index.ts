export { SignInForm } from './sign-in-form.tsx';
export { ToSignIn } from './to-sign-in.tsx';
