export { IdentityPage } from './identity-page.tsx';
export { IdentityPicker } from './identity-picker.tsx';
export { NewIdentityDialog } from './new-identity-dialog.tsx';
export { GalleryChoice } from './person-fields.tsx';
